require 'image/pipeline'

# Where shared configuration comes from.
set :external_config_type, :none
set :compliance_tool, :none
set :server_test_tool, :inspec
set :on_failure, :expire
set :owner_mail, "#{ENV['USER']}@example.com"

set_if_empty :image_build_vars, {
  owner: 'engineer1',
  product: 'BaseOS',
  source_ami: ENV['SOURCE_AMI'],
}

if ENV['CI']
  set :image_build_vars, { owner: 'ci' }
end

task :hello do
  puts 'hello'
end
