file '/etc/motd' do
  content node['base']['motd']
end
