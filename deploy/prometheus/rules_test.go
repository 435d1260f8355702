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
	if out, err := promtool(t, "test", "rules", "rules_test.yml"); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// Each alert has a test in which it fires and one in which it does not.
func TestEveryAlertIsTested(t *testing.T) {
	tests := read(t, "rules_test.yml")
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

// A changed rule makes the tests fail.
func TestChangedRulesFailTheirTests(t *testing.T) {
	rules, tests := read(t, "rules.yml"), read(t, "rules_test.yml")
	for _, change := range []struct{ from, to string }{
		{`voice_turn_outcome="interrupted"}[30m]`, `voice_turn_outcome="completed"}[30m]`},
		{"> 0.7", "> 0.9"},
	} {
		dir := t.TempDir()
		for name, text := range map[string]string{"rules.yml": strings.Replace(rules, change.from, change.to, 1), "rules_test.yml": tests} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if out, err := promtool(t, "test", "rules", filepath.Join(dir, "rules_test.yml")); err == nil {
			t.Errorf("with %s in place of %s the tests pass\n%s", change.to, change.from, out)
		}
	}
}
