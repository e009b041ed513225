control 'baseline-01' do
  impact 0.7
  title 'The agent of Systems Manager runs'
  describe service('AmazonSSMAgent') do
    it { should be_running }
  end
end

control 'baseline-02' do
  impact 0.7
  title 'SMB 1 is not installed'
  describe windows_feature('FS-SMB1') do
    it { should_not be_installed }
  end
end
