// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package settings_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/internal/settings"
)

// samples are values of every switch: how a user writes it, and the one
// spelling.
var samples = map[string][2]string{
	settings.KeyLevel:               {"warning", "WARN"},
	settings.KeyFormat:              {"TEXT", "text"},
	settings.KeyOutput:              {"both, syslog", "console,file,syslog"},
	settings.KeyConsoleStream:       {"STDERR", "stderr"},
	settings.KeyConsoleLevel:        {"debug", "DEBUG"},
	settings.KeyConsoleFormat:       {"otel", "otel"},
	settings.KeyColors:              {"TRUE", "true"},
	settings.KeyFile:                {"logs/app.log", "logs/app.log"},
	settings.KeyFileLevel:           {"critical", "ERROR"},
	settings.KeyFileFormat:          {"json", "json"},
	settings.KeyMaxFileSize:         {"50 mb", "50MB"},
	settings.KeyBackupCount:         {"10", "10"},
	settings.KeyCompressBackups:     {"True", "true"},
	settings.KeyFileBuffer:          {"64 kb", "64KB"},
	settings.KeyFileFlushInterval:   {"1500", "1.5s"},
	settings.KeySyslogAddress:       {"tcp://logs:601", "tcp://logs:601"},
	settings.KeySyslogFacility:      {"LOCAL0", "local0"},
	settings.KeySyslogLevel:         {"ERROR+4", "ERROR+4"},
	settings.KeySyslogFormat:        {"text", "text"},
	settings.KeyCorrelationTracking: {"false", "false"},
	settings.KeyPerformanceTracking: {"false", "false"},
	settings.KeyFilterModules:       {"voice.*, db ,db,", "voice,db"},
	settings.KeyExcludeModules:      {"noisy", "noisy"},
	settings.KeyIncludeTraceback:    {"true", "true"},
	settings.KeyTextDetails:         {"TRUE", "true"},
	settings.KeyLatencyBudget:       {"1500", "1.5s"},
	settings.KeySegmentBudgets:      {"synthesis=400, generation = 1s", "generation=1s,synthesis=400ms"},
	settings.KeyHeartbeat:           {"30s", "30s"},
	settings.KeyDeadAir:             {"2500", "2.5s"},
	settings.KeyCorrelationHeader:   {"X-Request-ID", "X-Request-ID"},
	settings.KeyLogRequests:         {"False", "false"},
	settings.KeyLogResponses:        {"FALSE", "false"},
}

func resolve(opts settings.Options, env map[string]string, path string) (settings.Settings, error) {
	r := settings.NewReader(func(name string) (string, bool) { v, ok := env[name]; return v, ok })
	resolved, err := settings.Resolve(opts, r, path)
	return resolved, errors.Join(r.Err(), err)
}

func value(t *testing.T, all settings.Settings, key string) settings.Value {
	t.Helper()
	for _, v := range all {
		if v.Key == key {
			return v
		}
	}
	t.Fatalf("no %s", key)
	return settings.Value{}
}

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "log.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Every setting, given by each of the three sources, has one spelling and names its source.
func TestEverySwitch(t *testing.T) {
	if len(samples) != len(settings.Switches()) {
		t.Fatalf("%d samples for %d switches", len(samples), len(settings.Switches()))
	}
	for _, s := range settings.Switches() {
		sample := samples[s.Key]
		path := file(t, "{\n\"log_file\": \"x\"}")
		if s.Key != settings.KeyFile {
			path = file(t, "{\n\"log_file\": \"x\",\n\""+s.Key+"\": \""+sample[0]+"\"}")
		}
		line := ":3"
		want := sample[1]
		if s.Key == settings.KeyFile {
			line, want = ":2", "x"
		}
		for _, tt := range []struct {
			name   string
			opts   settings.Options
			env    map[string]string
			want   string
			origin settings.Origin
			place  string
		}{
			{"file", nil, nil, want, settings.FromFile, path + line},
			{"environment beats file", nil, map[string]string{s.Variable: sample[0], "LOG_FILE": "logs/app.log"}, sample[1], settings.FromEnvironment, s.Variable},
			{"option beats all", settings.Options{s.Key: sample[0]}, map[string]string{s.Variable: sample[0]}, sample[1], settings.FromOption, ""},
		} {
			resolved, err := resolve(tt.opts, tt.env, path)
			if err != nil {
				t.Errorf("%s, %s: %v", s.Key, tt.name, err)
				continue
			}
			if v := value(t, resolved, s.Key); v.Text != tt.want || v.Origin != tt.origin || v.Place != tt.place {
				t.Errorf("%s, %s: got %q from %s %s, want %q from %s %s", s.Key, tt.name, v.Text, v.Origin, v.Place, tt.want, tt.origin, tt.place)
			}
		}
		if _, err := resolve(nil, map[string]string{s.Variable: "\x00 ,no:/ such\" value"}, ""); err == nil || !strings.Contains(err.Error(), s.Variable+"=") || !strings.Contains(err.Error(), s.Want) {
			t.Errorf("%s: an invalid value gives %v", s.Key, err)
		}
	}
}

func TestSwitchesAreReported(t *testing.T) {
	seen := make(map[string]bool)
	for _, s := range settings.Switches() {
		for _, name := range []string{s.Key, s.Variable, s.Field} {
			if name == "" || seen[name] {
				t.Errorf("%+v: the name %q is empty or used twice", s, name)
			}
			seen[name] = true
		}
		if s.Want == "" || !strings.HasSuffix(s.Brief, ".") {
			t.Errorf("%s is not reported", s.Key)
		}
	}
}

func TestDefaults(t *testing.T) {
	for _, tt := range []struct {
		name string
		env  map[string]string
		want string
	}{
		{"nothing said", nil, "INFO console:json"},
		{"a path is an output", map[string]string{"LOG_FILE": "x"}, "INFO console:json file:json"},
		{"so is an address", map[string]string{"LOG_SYSLOG_ADDRESS": "udp://h"}, "INFO console:json syslog:json"},
		{"formats are inherited", map[string]string{"LOG_FILE": "x", "LOG_FORMAT": "text", "LOG_FILE_FORMAT": "json"}, "INFO console:text file:json"},
		{"syslog has no otel format", map[string]string{"LOG_OUTPUT": "syslog", "LOG_FORMAT": "otel"}, "INFO syslog:json"},
		{"own levels", map[string]string{"LOG_LEVEL": "error", "LOG_CONSOLE_LEVEL": "debug"}, "ERROR console:json:DEBUG"},
		{"none", map[string]string{"LOG_OUTPUT": "none"}, "INFO"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			resolved, err := resolve(nil, tt.env, "")
			if err != nil {
				t.Fatal(err)
			}
			c := resolved.Config()
			got := c.Level.String()
			for _, o := range c.Outputs {
				got += " " + o.Name + ":" + o.Format
				if o.Level != nil {
					got += ":" + o.Level.Level().String()
				}
			}
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if c.MaxFileSize != 10<<20 || c.BackupCount != 5 || c.FileBuffer != 0 || c.FileFlushInterval != time.Second || !c.Correlation || !c.Performance || c.Traceback {
				t.Errorf("the defaults are %+v", c)
			}
		})
	}
}

func TestWithoutConsole(t *testing.T) {
	resolved, err := resolve(nil, map[string]string{"LOG_OUTPUT": "both", "LOG_FILE": "x"}, "")
	if err != nil {
		t.Fatal(err)
	}
	if got := value(t, resolved.WithoutConsole(), settings.KeyOutput); got.Text != "file" || got.Origin != settings.FromOption {
		t.Errorf("got %+v", got)
	}
	if got := value(t, resolved.WithoutConsole().WithoutConsole(), settings.KeyOutput); got.Text != "file" {
		t.Errorf("got %+v", got)
	}
	if value(t, resolved, settings.KeyOutput).Text != "console,file" {
		t.Error("the settings themselves changed")
	}
}

func TestBadFiles(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"no JSON", "level = debug", `:1: want a JSON object (invalid character 'l'`},
		{"broken off", "{\n\"level\": \"INFO\",\n", `:2: want a JSON object (it ends in the middle)`},
		{"empty", "", `: want a JSON object, and the file is empty`},
		{"only space", " \n ", `: want a JSON object, and the file is empty`},
		{"an array", "[]", `:1: want a JSON object`},
		{"null", "null", `:1: want a JSON object`},
		{"two objects", "{}\n{}", `:2: want one JSON object and nothing after it`},
		{"comma too many", "{\"level\": \"INFO\",}", `:1: want a JSON object`},
		{"duplicate key", "{\"level\": \"INFO\",\n\"level\": \"DEBUG\"}", `:2: "level": "DEBUG": want each key once, and it is on line 1 already`},
		{"unknown key", "{\n\n\"volume\": 11}", `:3: "volume": 11: want a key among level, format_type`},
		{"negative size", `{"max_file_size": -1}`, `:1: "max_file_size": -1: want a size such as 10MB`},
		{"half a byte", `{"max_file_size": 1.5}`, `:1: "max_file_size": 1.5: want a size`},
		{"size as text", `{"max_file_size": "-1MB"}`, `:1: "max_file_size": "-1MB": want a size`},
		{"too large", `{"max_file_size": "99999999999GB"}`, `want a size`},
		{"object", `{"level": {"a": 1}}`, `:1: "level": {"a": 1}: want one of DEBUG`},
		{"null value", `{"level": null}`, `:1: "level": null: want one of DEBUG`},
		{"number for a level", `{"level": 20}`, `:1: "level": 20: want one of DEBUG`},
		{"list of numbers", `{"filter_modules": [1]}`, `:1: "filter_modules": [1]: want a list of modules`},
		{"member with a comma", `{"filter_modules": ["a,b"]}`, `want a list of modules`},
		{"text for a switch", `{"include_traceback": "perhaps"}`, `:1: "include_traceback": "perhaps": want true or false`},
		{"budget below zero", `{"latency_budget": "-1s"}`, `:1: "latency_budget": "-1s": want a duration`},
		{"dead air below zero", `{"dead_air": "-1s"}`, `:1: "dead_air": "-1s": want a duration`},
		{"budget of a day", `{"latency_budget": "24h"}`, `want a duration`},
		{"header with a space", `{"correlation_header": "X Request"}`, `:1: "correlation_header": "X Request": want the name of an HTTP header`},
		{"header with a colon", `{"correlation_header": "X-Request-ID:"}`, `want the name of an HTTP header`},
		{"header with the Kelvin sign", `{"correlation_header": "X-\u212aey"}`, `want the name of an HTTP header`},
		{"no header", `{"correlation_header": ""}`, `want the name of an HTTP header`},
		{"header that names an encoding", `{"correlation_header": "Content-Encoding"}`, `without another meaning`},
		{"header of caches", `{"correlation_header": "ETag"}`, `without another meaning`},
		{"header of WebSocket", `{"correlation_header": "Sec-WebSocket-Key"}`, `without another meaning`},
		{"header with another meaning", `{"correlation_header": "TraceParent"}`, `without another meaning`},
		{"all that is filtered is excluded", `{"filter_modules": ["voice.stt", "voice_agents.llm"], "exclude_modules": ["voice"]}`, `leave no module to log`},
		{"file without a path", `{"output": "file"}`, `LOG_OUTPUT includes "file" but LOG_FILE is not set`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := file(t, tt.text)
			_, err := resolve(nil, map[string]string{settings.FileVariable: path}, "")
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
	t.Run("all mistakes at once", func(t *testing.T) {
		path := file(t, `{"level": "x", "output": "y", "z": 1}`)
		_, err := resolve(nil, nil, path)
		if err == nil || strings.Count(err.Error(), path) != 3 {
			t.Errorf("got %v, want three mistakes", err)
		}
	})
	t.Run("a directory", func(t *testing.T) {
		dir := t.TempDir()
		if _, err := resolve(nil, nil, dir); err == nil || !strings.Contains(err.Error(), dir) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("absent", func(t *testing.T) {
		if _, err := resolve(nil, nil, "absent.json"); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("too long", func(t *testing.T) {
		if _, err := resolve(nil, nil, file(t, strings.Repeat(" ", 2<<20))); err == nil || !strings.Contains(err.Error(), "less than 1 MB") {
			t.Errorf("got %v", err)
		}
	})
}

func TestGoodFile(t *testing.T) {
	path := file(t, "\ufeff{\"filter_modules\": [\"voice\", \"db.*\"], \"exclude_modules\": \"a,b\", \"max_file_size\": 1024, \"correlation_tracking\": false, \"console_colors\": true}")
	resolved, err := resolve(nil, nil, path)
	if err != nil {
		t.Fatal(err)
	}
	c := resolved.Config()
	if strings.Join(c.FilterModules, "|") != "voice|db" || strings.Join(c.ExcludeModules, "|") != "a|b" || c.MaxFileSize != 1024 || c.Correlation || c.Colors != "true" {
		t.Errorf("got %+v", c)
	}
}

func TestBudgets(t *testing.T) {
	for text, want := range map[string]string{
		"0": "0", "0s": "0", "0ms": "0", "2s": "2s", "800ms": "800ms", "1500": "1.5s", "1m30s": "1m30s", "1h": "1h",
		"-1": "", "1h1ms": "", "fast": "", "1 s": "",
	} {
		resolved, err := resolve(settings.Options{settings.KeyLatencyBudget: text}, nil, "")
		if got := value(t, resolved, settings.KeyLatencyBudget).Text; (err == nil) != (want != "") || err == nil && got != want {
			t.Errorf("%q is %q, %v, want %q", text, got, err, want)
		}
	}
}

func TestSegmentBudgets(t *testing.T) {
	for text, want := range map[string]string{
		"playout=50ms,generation=1000": "generation=1s,playout=50ms", "Generation=1s": "generation=1s", "generation=0": "generation=0",
		"generation=1h, ,": "generation=1h", "transcription=1ms": "transcription=1ms", "": "",
		"generation": "!", "generation=": "!", "=1s": "!", "thinking=1s": "!", "generation=fast": "!", "generation=-1s": "!", "generation=61m": "!",
		"generation=1s,generation=2s": "!", "generation=1s;synthesis=1s": "!", "generation=1s=2s": "!", "response=1s": "!",
	} {
		resolved, err := resolve(settings.Options{settings.KeySegmentBudgets: text}, nil, "")
		if got := value(t, resolved, settings.KeySegmentBudgets).Text; (err != nil) != (want == "!") || err == nil && got != want {
			t.Errorf("%q is %q, %v, want %q", text, got, err, want)
		}
	}
	_, err := resolve(nil, map[string]string{"OTELVOICE_SEGMENT_BUDGETS": "thinking=1s"}, "")
	if want := `OTELVOICE_SEGMENT_BUDGETS`; err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), `thinking=1s`) {
		t.Errorf("got %v, want the variable and its value", err)
	}
	resolved, err := resolve(nil, nil, file(t, `{"segment_budgets": ["generation=1s", "playout=50ms"]}`))
	if got := resolved.Config().SegmentBudgets; err != nil || len(got) != 2 || got["generation"] != time.Second || got["playout"] != 50*time.Millisecond {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestModules(t *testing.T) {
	for _, tt := range []struct {
		module string
		names  string
		want   bool
	}{
		{"voice.stt", "voice.stt", true},
		{"voice.stt", "voice", true},
		{"voice.stt.partial", "voice.stt", true},
		{"voicemail", "voice", false},
		{"voice", "voice.stt", false},
		{"voice.stt", "voice_agents.stt", true},
		{"voice.stt", "voice_agents", true},
		{"voice_agents.stt", "voice.stt", true},
		{"voice_agents.stt", "voice_agents.stt", true},
		{"voice_agents_admin", "voice", false},
		{"voice_agents.stt", "db,voice_agents.llm", false},
		{"voice.stt", "VOICE", false},
	} {
		if got := settings.Belongs(settings.Module(tt.module), strings.Split(tt.names, ",")); got != tt.want {
			t.Errorf("%s belongs to %s: %v, want %v", tt.module, tt.names, got, tt.want)
		}
	}
}

func TestSizes(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "1": 1, "10MB": 10 << 20, "10 MiB": 10 << 20, "10m": 10 << 20, "512KB": 512 << 10, "1G": 1 << 30, "7B": 7, " 8 ": 8,
		"": -1, "MB": -1, "-1": -1, "+1": -1, "1.5MB": -1, "10TB": -1, "9223372036854775807GB": -1, "1e3": -1, "10 M B": -1,
	} {
		got, ok := settings.ParseSize(text)
		if ok != (want >= 0) || ok && got != want {
			t.Errorf("%q is %d (%v), want %d", text, got, ok, want)
		}
	}
}

func TestDurations(t *testing.T) {
	for text, want := range map[string]string{
		"1s": "1s", "500ms": "500ms", "0.25s": "250ms", "1m": "1m", "90s": "1m30s", "1h": "1h", "60m": "1h", "30m5s": "30m5s", " 2s ": "2s",
		"1": "1ms", "1500": "1.5s", "3600000": "1h",
		"": "", "0": "", "-1s": "", "999us": "", "61m": "", "3600001": "", "1e3": "", "soon": "", "1 s": "", "9223372036854775807": "", "18446744073709551616": "",
	} {
		resolved, err := resolve(settings.Options{settings.KeyFileFlushInterval: text}, nil, "")
		if got := value(t, resolved, settings.KeyFileFlushInterval).Text; (err == nil) != (want != "") || err == nil && got != want {
			t.Errorf("%q is %q, %v, want %q", text, got, err, want)
		}
		if again, ok := settings.ParseDuration(want); ok && settings.FormatDuration(again) != want {
			t.Errorf("%q is then %q", want, settings.FormatDuration(again))
		}
	}
}

func FuzzParseSize(f *testing.F) {
	f.Add("10MB")
	f.Fuzz(func(t *testing.T, text string) {
		n, ok := settings.ParseSize(text)
		if !ok {
			return
		}
		if again, ok := settings.ParseSize(settings.FormatSize(n)); !ok || again != n {
			t.Errorf("%q is %d, and %q is %d", text, n, settings.FormatSize(n), again)
		}
	})
}

// Any file gives settings or an error, and each value is in its canonical spelling.
func FuzzFile(f *testing.F) {
	f.Add(`{"level":"INFO","filter_modules":["a"],"max_file_size":10}`)
	f.Add("{\"level\":\"INFO\",\n\"level\":1}")
	f.Fuzz(func(t *testing.T, text string) {
		resolved, err := resolve(nil, nil, file(t, text))
		if err != nil {
			return
		}
		opts := make(settings.Options)
		for _, v := range resolved {
			if v.Origin == settings.FromFile {
				opts[v.Key] = v.Text
			}
		}
		again, err := resolve(opts, nil, "")
		if err != nil {
			t.Fatalf("%v from %q", err, text)
		}
		for i, v := range resolved {
			if again[i].Text != v.Text {
				t.Errorf("%s is %q, and then %q", v.Key, v.Text, again[i].Text)
			}
		}
	})
}
