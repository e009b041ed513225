describe service('sshd') do
  it { should be_running }
end
