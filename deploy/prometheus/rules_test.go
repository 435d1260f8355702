// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package prometheus_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func promtool(t *testing.T, args ...string) (string, error) {
	t.Helper()
	if _, err := exec.LookPath("promtool"); err != nil {
		t.Skip("not run: promtool is not installed (Debian: apt-get install prometheus)")
	}
	out, err := exec.CommandContext(t.Context(), "promtool", args...).CombinedOutput()
	return string(out), err
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestConfigurationIsValid(t *testing.T) {
	if out, err := promtool(t, "check", "config", "prometheus.yml"); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestRules(t *testing.T) {
	if out, err := promtool(t, append([]string{"test", "rules"}, testFiles...)...); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// testFiles are the tests of the rules.
var testFiles = []string{"rules_test.yml", "rules_day_test.yml"}

// Each alert has a test in which it fires and one in which it does not.
func TestEveryAlertIsTested(t *testing.T) {
	var tests string
	for _, name := range testFiles {
		tests += read(t, name)
	}
	for _, match := range regexp.MustCompile(`alert: (\w+)`).FindAllStringSubmatch(read(t, "rules.yml"), -1) {
		name := regexp.QuoteMeta(match[1])
		if !regexp.MustCompile(`alertname: ` + name + `\n +exp_alerts:\n`).MatchString(tests) {
			t.Errorf("%s has no test in which it fires", match[1])
		}
		if !regexp.MustCompile(`alertname: ` + name + `, exp_alerts: \[\]`).MatchString(tests) {
			t.Errorf("%s has no test in which it stays silent", match[1])
		}
	}
}

// A changed rule makes the tests of its alert fail.
func TestChangedRulesFailTheirTests(t *testing.T) {
	rules := read(t, "rules.yml")
	for _, change := range []struct{ alert, from, to string }{
		{"VoiceInterruptionsHigh", `voice_turn_outcome="interrupted"}[30m]`, `voice_turn_outcome="completed"}[30m]`},
		{"VoiceCollectorQueueFills", "> 0.7", "> 0.9"},
	} {
		dir, tests := t.TempDir(), testsOf(t, change.alert)
		for name, text := range map[string]string{"rules.yml": rules, "rules_test.yml": tests} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		path := filepath.Join(dir, "rules_test.yml")
		if out, err := promtool(t, "test", "rules", path); err != nil {
			t.Errorf("the tests of %s fail without a change: %v\n%s", change.alert, err, out)
		}
		changed := strings.Replace(rules, change.from, change.to, 1)
		if err := os.WriteFile(filepath.Join(dir, "rules.yml"), []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := promtool(t, "test", "rules", path); err == nil {
			t.Errorf("with %s in place of %s the tests pass\n%s", change.to, change.from, out)
		}
	}
}

// testsOf returns rules_test.yml with the tests of one alert only.
func testsOf(t *testing.T, alert string) string {
	t.Helper()
	const begin = "\n  - name: "
	groups := strings.Split(read(t, "rules_test.yml"), begin)
	text := groups[0]
	for _, group := range groups[1:] {
		if strings.Contains(group, "alertname: "+alert) {
			text += begin + group
		}
	}
	return text
}
