"""The shipped component documents, run: their own scripts on this machine, with the real scanner where it is
installed.

`openscap.yml` needs `oscap` and the SCAP Security Guide (Debian: openscap-scanner, ssg-debian, ssg-debderived), and
`bwrap` (bubblewrap). Without them its test is SKIPPED, and says so. InSpec is not packaged by Debian, so
a double of `cinc-auditor` writes a report of the documented form. What is Windows is read only, and not run.

What the scripts write is read by `goldsmith results --files`, and counted a second time by the XML parser of Python.

Run it with the Python of target/venv/stack: `make components` does.
"""

import hashlib
import http.server
import json
import pathlib
import re
import shutil
import subprocess
import tarfile
import tempfile
import threading
import unittest
import xml.etree.ElementTree

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[1]
COMPONENTS = ROOT / "ami-versions" / "components"
GOLDSMITH = ROOT / "target" / "debug" / "goldsmith"
GUIDES = pathlib.Path("/usr/share/xml/scap/ssg/content")
XCCDF = "{http://checklists.nist.gov/xccdf/1.2}"
AMI = "ami-08bd941ae380bd3cd"

# What Image Builder takes inline (API reference, CreateComponent, data), and its quota of parameters.
MOST_CHARACTERS = 16_000
MOST_PARAMETERS = 25
# What changes an image; the others test it.
PROVISIONERS = {"ansible.yml", "chef.yml", "shell.yml"}


class Component:
    """A component document, whose steps can be run one by one as root would."""

    def __init__(self, name):
        self.text = (COMPONENTS / name).read_text()
        self.document = yaml.safe_load(self.text)
        self.steps = {step["name"]: step for phase in self.document["phases"] for step in phase["steps"]}

    def defaults(self):
        declared = [item for each in self.document.get("parameters", []) for item in each.items()]
        return {name: about["default"] for name, about in declared if "default" in about}

    def script(self, step, **given):
        """The commands of a step with the values of its parameters, as AWSTOE replaces them."""
        values = {**self.defaults(), **given}
        commands = "\n".join(self.steps[step]["inputs"]["commands"])
        return re.sub(r"\{\{ (\w+) \}\}", lambda found: values[found[1]], commands)


HOSTILE = """<Benchmark xmlns="http://checklists.nist.gov/xccdf/1.2" id="xccdf_a_benchmark_b" resolved="1">
  <status>draft</status><title>x</title><version>1</version>
  <Rule id="xccdf_a_rule_one"><title>say "hi" \\ and
    ' &lt;b&gt; &amp; {"id":1}</title>
    <reference href="https://public.cyber.mil/stigs/downloads/">RHEL-07-"1 2</reference>
    <reference href="https://public.cyber.mil/stigs/downloads/">SRG-OS-000363-GPOS-00150</reference></Rule>
  <Rule id="xccdf_a_rule_two"><title>two</title></Rule>
  <TestResult id="xccdf_a_testresult_c" end-time="2026-11-29T00:00:00" version="1" test-system="cpe:/a:x:y">
    <profile idref="xccdf_a_profile_d"/><target>t</target>
    <rule-result idref="xccdf_a_rule_one" severity="high"><result>fail</result><ident system="x">CCE-1</ident>
      <message severity="error">no "such" \\ file</message></rule-result>
    <rule-result idref="xccdf_a_rule_two"><result>pass</result></rule-result>
    <rule-result idref="xccdf_a_rule_two" severity="low"><result>notselected</result></rule-result>
  </TestResult>
</Benchmark>
"""


class Machine:
    """A folder in place of the instance's own, and a metadata service."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "GOLDSMITH_FOLDER": str(self.folder)}

    def run(self, script, within=(), timeout=300):
        return subprocess.run([*within, "bash", "-c", script], env=self.environment, timeout=timeout,
                              text=True, capture_output=True)

    def vendor(self, files):
        """Puts a folder of documents on the machine, as the component does that `goldsmith vendor` makes of it."""
        documents = self.folder / "documents"
        for path, text in files.items():
            (documents / path).parent.mkdir(parents=True, exist_ok=True)
            (documents / path).write_text(text)
        subprocess.run([GOLDSMITH, "vendor", documents], check=True, capture_output=True)
        [made] = (documents / "components").glob("content-*.yml")
        done = self.run(Component(made).script("Content"))
        assert done.returncode == 0, done.stderr

    def results(self, suite):
        """What goldsmith reads in the files of a suite."""
        below = self.folder / "bucket" / suite
        shutil.copytree(self.folder / suite, below, dirs_exist_ok=True)
        read = subprocess.run([GOLDSMITH, "results", "--files", below.parent, "--format", "json"], text=True,
                              capture_output=True)
        assert read.returncode in (0, 3), (read.returncode, read.stderr)
        [found] = json.loads(read.stdout)["suites"]
        assert found["suite"] == suite, found
        return found


class Metadata(http.server.BaseHTTPRequestHandler):
    """Version 2 of the instance metadata service: nothing without a token."""

    def do_PUT(self):
        self.answer(200 if self.headers["X-aws-ec2-metadata-token-ttl-seconds"] else 400, "token")

    def do_GET(self):
        known = self.path == "/latest/meta-data/ami-id"
        self.answer((200 if known else 404) if self.headers["X-aws-ec2-metadata-token"] == "token" else 401, AMI)

    def answer(self, status, body):
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


def controls(suite):
    return {each["id"]: each for profile in suite["profiles"] for each in profile["controls"]}


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.machine = Machine(folder.name)

    def succeeds(self, done):
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class Components(Case):
    def test_each_document_is_within_the_services_limits(self):
        documents = sorted(COMPONENTS.glob("*.yml"))
        self.assertEqual([path.name for path in documents], [
            "ansible.yml", "boot-and-agent-windows.yml", "boot-and-agent.yml", "chef.yml", "inspec-windows.yml", "inspec.yml",
            "openscap.yml", "shell.yml"])
        for path in documents:
            component = Component(path.name)
            self.assertLess(len(component.text), MOST_CHARACTERS, path.name)
            self.assertLessEqual(len(component.document["parameters"]), MOST_PARAMETERS, path.name)
            self.assertEqual(component.document["name"], path.stem)
            phase = "build" if path.name in PROVISIONERS else "test"
            self.assertEqual([each["name"] for each in component.document["phases"]], [phase], path.name)

    def test_each_writes_below_its_own_image_only(self):
        for path in COMPONENTS.glob("*.yml"):
            uploads = [upload for step in Component(path.name).steps.values() if step["action"] == "S3Upload"
                       for upload in step["inputs"]]
            self.assertEqual(bool(uploads), path.name not in PROVISIONERS, path.name)
            for upload in uploads:
                self.assertTrue(upload["destination"].startswith(
                    "s3://{{ GoldsmithResultsBucket }}/results/{{ test.Ami.outputs.stdout }}/"), upload)

    def test_environments_may_name_them(self):
        with tempfile.TemporaryDirectory() as folder:
            environment = pathlib.Path(folder, "nonprod")
            shutil.copytree(ROOT / "ami-versions" / "nonprod", environment)
            shutil.copytree(COMPONENTS, environment / "components", dirs_exist_ok=True)
            given = {"Package": "s3://packages/cinc.rpm", "PackageSha256": "0" * 64, "Version": "6.8.24",
                     "Profile": "s3://packages/baseline.tar.gz", "ProfileSha256": "0" * 64}
            text = json.loads((environment / "environment.json").read_text())
            text["test-components"] += ["components/boot-and-agent.yml",
                                        {"component": "components/inspec.yml", "parameters": given}]
            text["compliance"] = {"scan": {"component": "components/openscap.yml", "parameters": {"Profile": "stig"}}}
            text["gates"] = {"failed-controls": {"high": 0}}
            self.check(environment, text)
            source = {"Source": "s3://packages/site.tar.gz", "SourceSha256": "0" * 64}
            client = {"Package": "s3://packages/cinc.rpm", "PackageSha256": "0" * 64, "Version": "18.4.12"}
            text["build-components"] += [
                {"component": "components/shell.yml", "parameters": source},
                {"component": "components/ansible.yml", "parameters": source},
                {"component": "components/chef.yml", "parameters": source | client | {"RunList": "recipe[base]"}},
            ]
            self.check(environment, text)
            text["build-components"], text["compliance"] = [], "none"
            text["test-components"] = ["components/boot-and-agent-windows.yml",
                                       {"component": "components/inspec-windows.yml", "parameters": given}]
            self.check(environment, text)

    def check(self, environment, text):
        (environment / "environment.json").write_text(json.dumps(text))
        checked = subprocess.run([GOLDSMITH, "check", environment], text=True, capture_output=True)
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)

    def test_the_image_is_the_ami_that_the_metadata_name(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Metadata)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.machine.environment["GOLDSMITH_IMDS"] = f"http://127.0.0.1:{server.server_port}"
        for name in ("boot-and-agent.yml", "openscap.yml", "inspec.yml"):
            done = self.machine.run(Component(name).script("Ami"))
            self.succeeds(done)
            self.assertEqual(done.stdout, AMI, name)

    def test_without_the_name_of_the_ami_the_step_fails(self):
        class Silent(Metadata):
            def do_GET(self):
                self.answer(404, "")

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Silent)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.machine.environment["GOLDSMITH_IMDS"] = f"http://127.0.0.1:{server.server_port}"
        for name in ("boot-and-agent.yml", "openscap.yml", "inspec.yml"):
            done = self.machine.run(Component(name).script("Ami"))
            self.assertNotEqual(done.returncode, 0, name)
            self.assertEqual(done.stdout, "", name)



def has_scanner():
    """Whether there is all that the scan needs; some systems let nobody make a namespace."""
    if not (shutil.which("oscap") and shutil.which("bwrap") and (GUIDES / "ssg-debian11-ds.xml").exists()):
        return False
    return subprocess.run(["bwrap", "--dev-bind", "/", "/", "true"], capture_output=True).returncode == 0


SCANNER = has_scanner()


@unittest.skipUnless(SCANNER, "there is no scanner")
class OpenScap(Case):
    """The scan itself, by the real scanner. The guide that Debian 12 packages ends with Debian 11, so the machine
    says in a namespace of its own that it is Debian 11. Everything else that is scanned is this machine."""

    PROFILE = "anssi_np_nt28_minimal"

    def debian_11(self):
        release = self.machine.folder / "os-release"
        release.write_text('ID=debian\nVERSION_ID="11"\nPRETTY_NAME="Debian GNU/Linux 11 (bullseye)"\n')
        version = self.machine.folder / "debian_version"
        version.write_text("11.9\n")
        return ("bwrap", "--dev-bind", "/", "/", "--ro-bind", release, "/etc/os-release",
                "--ro-bind", release, "/usr/lib/os-release", "--ro-bind", version, "/etc/debian_version")

    def scan(self, within=(), **given):
        component = Component("openscap.yml")
        self.succeeds(self.machine.run(component.script("Install", Install="false"), within))
        return self.machine.run(component.script("Scan", **{"Profile": self.PROFILE, **given}), within)

    def test_what_the_scanner_found_is_what_goldsmith_reads(self):
        self.succeeds(self.scan(self.debian_11()))
        found = self.machine.results("openscap")
        self.assertRegex(found["tool"], r"^cpe:/a:redhat:openscap:1\.")
        [profile] = found["profiles"]
        self.assertIn(self.PROFILE, profile["names"])
        self.assertIn("DEBIAN-11", profile["names"])
        self.assertEqual({name: (each["status"], each["severity"]) for name, each in controls(found).items()},
                         self.counted())
        report = (self.machine.folder / "openscap" / "report.html").read_text()
        self.assertIn("</html>", report)

    def counted(self):
        """Status and severity of each rule, from the raw file and without our stylesheet."""
        words = {"pass": "passed", "fail": "failed", "error": "failed", "unknown": "failed"}
        tree = xml.etree.ElementTree.parse(self.machine.folder / "openscap" / "xccdf.xml")
        rules = {}
        for rule in tree.iter(f"{XCCDF}rule-result"):
            result = rule.find(f"{XCCDF}result").text
            if result != "notselected":
                rules[rule.get("idref")] = (words.get(result, "skipped"), rule.get("severity", "unknown"))
        statuses = {status for status, _ in rules.values()}
        self.assertLessEqual({"passed", "failed"}, statuses, "the scan proves nothing")
        return rules

    def test_no_text_of_a_guide_breaks_the_summary(self):
        folder = self.machine.folder / "openscap"
        folder.mkdir()
        stylesheet = Component("openscap.yml").script("Scan").split("<<'END'\n")[1].split("\nEND\n")[0]
        (folder / "summary.xsl").write_text(stylesheet)
        (folder / "xccdf.xml").write_text(HOSTILE)
        self.succeeds(self.machine.run(f"cd {folder} && oscap xccdf generate custom --stylesheet {folder}/summary.xsl "
                                       "--output results.json xccdf.xml"))
        one, two = controls(self.machine.results("openscap")).values()
        self.assertEqual(one["title"], "say `hi` / and ' <b> & {`id`:1}")
        self.assertEqual((one["status"], one["severity"], one["message"]), ("failed", "high", "no `such` / file"))
        self.assertEqual(one["aliases"], ["one", "RHEL-07-`1_2", "CCE-1"])
        self.assertEqual((two["status"], two["severity"]), ("passed", "unknown"))

    def test_a_profile_that_does_not_fit_evaluates_nothing_and_is_named(self):
        self.succeeds(self.scan(Content="ssg-ubuntu2204-ds.xml", Profile="standard"))
        found = self.machine.results("openscap")
        self.assertEqual({each["status"] for each in controls(found).values()}, {"skipped"})
        read = subprocess.run([GOLDSMITH, "results", "--files", self.machine.folder / "bucket"], text=True,
                              capture_output=True)
        self.assertEqual(read.returncode, 3, read.stdout)
        self.assertIn("openscap evaluated no control", read.stdout)

    def test_what_is_no_scan_fails_and_says_what_there_is(self):
        unknown = self.scan(self.debian_11(), Profile="no-such-profile")
        self.assertEqual(unknown.returncode, 1, unknown.stdout)
        self.assertIn("content_profile_anssi_np_nt28_minimal", unknown.stdout)
        release = self.machine.folder / "os-release"
        release.write_text("ID=plan9\nVERSION_ID=4\nPRETTY_NAME='Plan 9'\n")
        self.machine.environment["GOLDSMITH_OS_RELEASE"] = str(release)
        nothing = self.scan()
        self.assertEqual(nothing.returncode, 1, nothing.stdout)
        self.assertIn("has nothing for Plan 9", nothing.stdout)
        self.assertIn("ssg-debian11-ds.xml", nothing.stdout)


class BootAndAgent(Case):
    """Doubles answer for systemd, cloud-init and the clock; disks and files are this machine's."""

    GOOD = {"systemctl": """case "$*" in
  is-system-running) echo running ;;
  "is-active --quiet amazon-ssm-agent") exit 0 ;;
  show*) echo active ;;
esac""", "cloud-init": "echo 'status: done'", "chronyc": "echo 'Leap status     : Normal'", "timedatectl": "echo NTPSynchronized=no"}

    def check(self, doubles, **given):
        bin = self.machine.folder / "bin"
        bin.mkdir(exist_ok=True)
        for name, body in doubles.items():
            (bin / name).write_text(f"#!/bin/bash\n{body}\n")
            (bin / name).chmod(0o755)
        self.machine.environment["PATH"] = f"{bin}:/usr/sbin:/usr/bin:/sbin:/bin"
        component = Component("boot-and-agent.yml")
        self.succeeds(self.machine.run(component.script("Check", MaxWaitSeconds="0", MaxDiskUsePercent="100", **given)))
        verdict = self.machine.run(component.script("Verdict"))
        return controls(self.machine.results("boot-and-agent")), verdict

    def test_a_machine_that_works_passes(self):
        found, verdict = self.check(self.GOOD)
        self.assertEqual({name: each["status"] for name, each in found.items()}, dict.fromkeys(
            ("boot", "units", "agent", "cloud-init", "clock", "disks", "root-writable"), "passed"))
        self.succeeds(verdict)

    def test_each_thing_that_does_not_work_is_a_failed_control(self):
        broken = {
            "boot": {"systemctl": self.GOOD["systemctl"].replace("echo running", "echo starting")},
            "agent": {"systemctl": self.GOOD["systemctl"].replace("exit 0", "exit 3") + "\ncase $1 in is-active) exit 3;; esac"},
            "cloud-init": {"cloud-init": "echo 'status: error \\ \"bad\"'; exit 1"},
            "clock": {"chronyc": "echo 'Leap status     : Not synchronised'"},
        }
        for name, doubles in broken.items():
            found, verdict = self.check({**self.GOOD, **doubles})
            self.assertEqual([each for each in found if found[each]["status"] == "failed"], [name])
            self.assertEqual(verdict.returncode, 1, verdict.stdout)
        found, verdict = self.check({**self.GOOD, "systemctl": self.GOOD["systemctl"].replace(
            "show*)", "list-units*) echo 'kdump.service loaded failed failed x' ;;\n  show*)")})
        self.assertEqual(found["units"]["status"], "failed")
        self.assertEqual(found["units"]["message"], "failed: kdump.service")
        self.succeeds(verdict)

    def test_no_results_are_no_verdict(self):
        verdict = self.machine.run(Component("boot-and-agent.yml").script("Verdict"))
        self.assertEqual(verdict.returncode, 1)


# What InSpec 5 writes (its documentation, "Reporters"), by a double of the auditor.
REPORT = {
    "platform": {"name": "debian", "release": "12", "target_id": ""},
    "profiles": [{"name": "linux-baseline", "title": "DevSec Linux Security Baseline", "status": "loaded",
                  "controls": [
                      {"id": "os-01", "title": "Trusted hosts login", "impact": 1.0, "tags": {}, "results": [
                          {"status": "passed", "code_desc": "no rhosts", "run_time": 0.01}]},
                      {"id": "os-02", "title": "Check owner and permissions", "impact": 0.7, "tags": {}, "results": [
                          {"status": "failed", "code_desc": "File /etc/shadow is expected to exist", "message": "no"}]}]}],
    "statistics": {"duration": 0.1}, "version": "6.8.24"}

AUDITOR = """#!/bin/bash
[ "$1" = version ] && { echo 6.8.24; exit 0; }
[ "$(cat inputs.yml)" = "{}" ] && tar -tzf "$2" > /dev/null || exit 1
for word in "$@"; do case "$word" in json:*) cat "$REPORT" > "${word#json:}" ;; esac; done
exit 100
"""


class InSpec(Case):
    def prepared(self):
        component = Component("inspec.yml")
        self.succeeds(self.machine.run(component.script("Folder")))
        folder = self.machine.folder / "inspec"
        (folder / "package").write_text("a package")
        (folder / "inputs.yml").write_text(component.defaults()["Inputs"])
        with tarfile.open(folder / "profile.tar.gz", "w:gz"):
            pass
        report = self.machine.folder / "report.json"
        report.write_text(json.dumps(REPORT))
        bin = self.machine.folder / "bin"
        bin.mkdir()
        for name, body in (("dpkg", "#!/bin/bash\n[ \"$1\" = -i ] && [ -e \"$2\" ]\n"), ("cinc-auditor", AUDITOR)):
            (bin / name).write_text(body)
            (bin / name).chmod(0o755)
        self.machine.environment.update(PATH=f"{bin}:/usr/bin:/bin", REPORT=str(report))
        sha256 = {each: hashlib.sha256((folder / each).read_bytes()).hexdigest() for each in ("package", "profile.tar.gz")}
        return {"Package": "s3://packages/cinc.deb", "Version": "6.8.24", "PackageSha256": sha256["package"],
                "Profile": "s3://packages/baseline.tar.gz",
                "ProfileSha256": sha256["profile.tar.gz"]}

    def test_the_report_of_the_auditor_is_what_goldsmith_reads(self):
        given = self.prepared()
        self.succeeds(self.machine.run(Component("inspec.yml").script("Run", **given)))
        found = self.machine.results("inspec")
        self.assertEqual(found["tool"], "InSpec 6.8.24")
        self.assertEqual({name: (each["status"], each["severity"]) for name, each in controls(found).items()},
                         {"os-01": ("passed", "critical"), "os-02": ("failed", "high")})

    def test_nothing_runs_that_is_not_what_was_reviewed(self):
        given = self.prepared()
        for change in ({"PackageSha256": "0" * 64}, {"ProfileSha256": "0" * 64}, {"Version": "6.8.25"},
                       {"Package": "s3://packages/cinc.zip"}):
            done = self.machine.run(Component("inspec.yml").script("Run", **{**given, **change}))
            self.assertEqual(done.returncode, 1, (change, done.stdout))
            self.assertFalse((self.machine.folder / "inspec" / "inspec.json").exists(), change)
            if (self.machine.folder / "inspec" / "package.deb").exists():
                (self.machine.folder / "inspec" / "package.deb").rename(self.machine.folder / "inspec" / "package")
        folder = self.machine.run(Component("inspec.yml").script("Folder", Suite="../x"))
        self.assertEqual(folder.returncode, 1)

    def test_a_profile_beside_the_documents_is_run_as_its_own_component_left_it(self):
        given = self.prepared()
        (self.machine.folder / "inspec" / "profile.tar.gz").unlink()
        self.machine.vendor({"test/baseline/inspec.yml": "name: baseline\n"})
        del given["ProfileSha256"]
        run = Component("inspec.yml").script("Run", **{**given, "Profile": "content/baseline"})
        self.succeeds(self.machine.run(run))
        self.assertEqual(self.machine.results("inspec")["tool"], "InSpec 6.8.24")
        self.assertNotEqual(self.machine.run(run.replace("content/baseline", "content/../baseline")).returncode, 0)


PLAYBOOK = """- hosts: all
  gather_facts: false
  roles: [motd]
"""
ROLE = """- ansible.builtin.copy:
    content: "{{ text }}"
    dest: "{{ target }}/motd"
    mode: "0644"
"""
# What Cinc Client is asked for; the Ruby of its configuration is read by nobody here.
CLIENT = """#!/bin/bash
[ "$1" = --version ] && { echo "Cinc Client: 18.4.12"; exit 0; }
printf '%s\\n' "$@" > "$REPORT"
cp client.rb attributes.json "$(dirname "$REPORT")"
"""


class Provisioners(Case):
    """What people have for their images, run from folders beside the documents."""

    def setUp(self):
        super().setUp()
        self.done = self.machine.folder / "done"
        self.done.mkdir()

    def steps(self, name, variables, **given):
        """Runs a component as its steps say: the file with variables is AWSTOE's to write."""
        component, folder = Component(f"{name}.yml"), self.machine.folder / name
        self.succeeds(self.machine.run(component.script("Folder", **given)))
        (folder / variables[0]).write_text(variables[1])
        yield component, folder
        done = self.machine.run(component.script("Run", **given))
        self.succeeds(done)
        self.succeeds(self.machine.run(component.script("Remove", **given)))
        self.assertFalse(folder.exists())

    def test_a_script_runs_with_its_variables_and_leaves_nothing_of_itself(self):
        self.machine.vendor({"provision/motd/run.sh": 'echo "$TEXT" > "$TARGET/motd"\n'})
        variables = ("variables.sh", f"TEXT='a b'\nTARGET={self.done}\n")
        for _ in self.steps("shell", variables, Source="content/motd"):
            pass
        self.assertEqual((self.done / "motd").read_text(), "a b\n")
        self.assertEqual(list((self.machine.folder / "content").iterdir()), [])

    def test_a_playbook_runs_with_its_roles_by_the_real_ansible(self):
        bin = ROOT / "target" / "venv" / "ansible" / "bin"
        self.machine.environment.update(PATH=f"{bin}:/usr/bin:/bin", HOME=str(self.machine.folder), LC_ALL="C.UTF-8")
        self.machine.vendor({"provision/site/playbook.yml": PLAYBOOK, "provision/site/roles/motd/tasks/main.yml": ROLE})
        variables = ("variables.yml", json.dumps({"text": "hello", "target": str(self.done)}))
        for _ in self.steps("ansible", variables, Source="content/site", Version="2.17.14"):
            pass
        self.assertEqual((self.done / "motd").read_text(), "hello")

    def test_cookbooks_run_in_local_mode_with_a_run_list_and_attributes(self):
        bin = self.machine.folder / "bin"
        bin.mkdir()
        for name, body in (("dpkg", "#!/bin/bash\n[ \"$1\" = -i ] && [ -e \"$2\" ]\n"), ("cinc-client", CLIENT)):
            (bin / name).write_text(body)
            (bin / name).chmod(0o755)
        self.machine.environment.update(PATH=f"{bin}:/usr/bin:/bin", REPORT=str(self.done / "arguments"))
        self.machine.vendor({"provision/base/cookbooks/base/metadata.rb": "name 'base'\n"})
        given = {"Source": "content/base", "RunList": "recipe[base::default]", "Package": "s3://packages/cinc.deb",
                 "PackageSha256": hashlib.sha256(b"a package").hexdigest(), "Version": "18.4.12"}
        for _, folder in self.steps("chef", ("attributes.json", '{"a": 1}'), **given):
            (folder / "package").write_text("a package")
        self.assertEqual((self.done / "arguments").read_text().split(), [
            "--local-mode", "--no-color", "--config", "client.rb", "--json-attributes", "attributes.json",
            "--override-runlist", "recipe[base::default]"])
        self.assertIn(f'cookbook_path "{self.machine.folder}/chef/source/cookbooks"', (self.done / "client.rb").read_text())
        self.assertEqual((self.done / "attributes.json").read_text(), '{"a": 1}')

    def test_an_archive_that_is_not_what_was_reviewed_is_not_unpacked(self):
        self.machine.vendor({"provision/motd/run.sh": "exit 0\n"})
        component, folder = Component("shell.yml"), self.machine.folder / "shell"
        for source in ("s3://packages/motd.tar.gz", "content/../content/motd", "content/other"):
            self.succeeds(self.machine.run(component.script("Folder")))
            (folder / "variables.sh").write_text("")
            shutil.copy(self.machine.folder / "content" / "motd.tar.gz", folder / "source.tar.gz")
            done = self.machine.run(component.script("Run", Source=source, SourceSha256="0" * 64))
            self.assertNotEqual(done.returncode, 0, source)
            self.assertFalse((folder / "source").exists(), source)


if __name__ == "__main__":
    if not SCANNER:
        print("SKIPPED: the scan by OpenSCAP needs openscap-scanner, ssg-debian, ssg-debderived and bubblewrap")
    unittest.main()
