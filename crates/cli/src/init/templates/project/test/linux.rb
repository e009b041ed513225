control 'baseline-01' do
  impact 0.7
  title 'The agent of Systems Manager runs'
  describe service('amazon-ssm-agent') do
    it { should be_running }
  end
end

control 'baseline-02' do
  impact 0.7
  title 'Nobody logs in with a password'
  describe sshd_config do
    its('PasswordAuthentication') { should cmp 'no' }
  end
end
