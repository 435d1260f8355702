// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/voice-agents/telemetry/redact"
)

// privateKey is none, and looks like one.
const privateKey = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nplantedplantedplantedplanted0123\n-----END PRIVATE KEY-----\n"

// redacted runs the command over a text.
func redacted(t *testing.T, in io.Reader, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs strings.Builder
	code = run(append([]string{"redact"}, args...), in, &out, &errs)
	return code, out.String(), errs.String()
}

func TestRedact(t *testing.T) {
	for _, tt := range []struct {
		name, in, want, explained string
		args                      []string
	}{
		{"nothing", "", "", "", nil},
		{"clean text", "hello\nworld\n", "hello\nworld\n", "", nil},
		{"no line end", "call +49 30 901820", "call [REDACTED:phone]", "stdin:1:6: phone (13 bytes)\n", nil},
		{
			"line ends of both kinds", "a password=hunter2\r\nb password=hunter2\nc\r\n", "a password=[REDACTED]\r\nb password=[REDACTED]\nc\r\n",
			"stdin:1:12: key \"password\" (7 bytes)\nstdin:2:12: key \"password\" (7 bytes)\n", nil,
		},
		{"empty lines", "\n\nada@example.com\n\n", "\n\n[REDACTED:email]\n\n", "stdin:3:1: email (15 bytes)\n", nil},
		{"bytes that are no text", "\xff\x00\x01 ada@example.com \xfe\n", "\xff\x00\x01 [REDACTED:email] \xfe\n", "stdin:1:5: email (15 bytes)\n", nil},
		{"a private key", "before\n" + privateKey + "after\n", "before\n[REDACTED:private_key]\nafter\n", "stdin:2:1: private_key (119 bytes)\n", nil},
		{"a private key that breaks off", "before\n" + privateKey[:80], "before\n[REDACTED:private_key]", "stdin:2:1: private_key (80 bytes)\n", nil},
		{"a certificate", strings.ReplaceAll(privateKey, "PRIVATE KEY", "CERTIFICATE"), strings.ReplaceAll(privateKey, "PRIVATE KEY", "CERTIFICATE"), "", nil},
		{"YAML", "db:\n  password:\n    hunter2\n  host: h\n", "db:\n  password:\n    [REDACTED]\n  host: h\n", "stdin:3:5: key \"password\" (7 bytes)\n", nil},
		{
			"keys of the user's", "patient_id=4711 room=12\n", "patient_id=[REDACTED] room=[REDACTED]\n",
			"stdin:1:12: key \"patient_id\" (4 bytes)\nstdin:1:22: key \"room\" (2 bytes)\n",
			[]string{"-keys", "patient_id, room"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, explain := range []string{"-v", "-explain"} {
				code, out, errs := redacted(t, strings.NewReader(tt.in), append(tt.args, "-q", explain)...)
				if code != exitOK || out != tt.want || errs != tt.explained {
					t.Errorf("%s: %d\ngot  %q\nwant %q\nexplained\n%s\nwant\n%s", explain, code, out, tt.want, errs, tt.explained)
				}
			}
			code, out, errs := redacted(t, strings.NewReader(tt.in), append(tt.args, "-q", "-check")...)
			if found := tt.explained != ""; (code == exitFail) != found || out != tt.explained || errs != "" {
				t.Errorf("-check: %d, %q, %q", code, out, errs)
			}
		})
	}
}

// The summary names each rule, and no secret.
func TestRedactSummary(t *testing.T) {
	in := "ada@example.com bob@example.com\npassword=hunter2\n4111 1111 1111 1111\n"
	code, _, errs := redacted(t, strings.NewReader(in))
	if want := "otelvoice redact: 4 found\n  card   1\n  email  2\n  key    1\n"; code != exitOK || errs != want {
		t.Errorf("%d, got\n%s\nwant\n%s", code, errs, want)
	}
	if _, _, errs := redacted(t, strings.NewReader("hello\n"), "-"); errs != "otelvoice redact: nothing found\n" {
		t.Errorf("of nothing: %s", errs)
	}
	// The text before a colon may itself be a secret, or move the cursor.
	if _, _, errs := redacted(t, strings.NewReader("ada@example.com.\x1b[2Jpassword: hunter2\n"), "-v"); strings.Contains(errs, "ada@") || strings.Contains(errs, "\x1b") || strings.Contains(errs, "hunter2") {
		t.Errorf("explained as %q", errs)
	}
}

func TestRedactFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	a, b, none := write("a.log", "password:\n"), write("b.log", "  ada@example.com\n"), filepath.Join(dir, "none")
	for _, tt := range []struct {
		name     string
		args     []string
		code     int
		out, err string // err is a part.
	}{
		{"in order, each for itself", []string{b, "-", a}, exitOK, "  [REDACTED:email]\nstdin\npassword:\n", "1 found"},
		{"where", []string{"-v", a, b}, exitOK, "password:\n  [REDACTED:email]\n", b + ":1:3: email (15 bytes)\n"},
		{"one that is not there", []string{none, b}, exitFail, "  [REDACTED:email]\n", none},
		{"a directory", []string{dir, b}, exitFail, "  [REDACTED:email]\n", dir},
		{"a bad flag", []string{"-x"}, exitUsage, "", "usage: otelvoice redact"},
	} {
		code, out, errs := redacted(t, strings.NewReader("stdin\n"), tt.args...)
		if code != tt.code || out != tt.out || !strings.Contains(errs, tt.err) {
			t.Errorf("%s: %d\n%s\n%s", tt.name, code, out, errs)
		}
	}
}

// fails is a writer that does.
type fails struct{}

func (fails) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestRedactFails(t *testing.T) {
	var errs strings.Builder
	if code := run([]string{"redact"}, strings.NewReader("hello\n"), fails{}, &errs); code != exitFail || !strings.Contains(errs.String(), "disk full") {
		t.Errorf("a writer that fails: %d, %s", code, errs.String())
	}
	code, out, stderr := redacted(t, io.MultiReader(strings.NewReader("ada@example.com\nhalf ada@example.com"), iotest.ErrReader(errors.New("broken"))))
	if code != exitFail || out != "[REDACTED:email]\nhalf [REDACTED:email]" || !strings.Contains(stderr, "broken") {
		t.Errorf("a reader that fails: %d, %q, %s", code, out, stderr)
	}
	if code, _, stderr := redacted(t, idle{}); code != exitFail || !strings.Contains(stderr, io.ErrNoProgress.Error()) {
		t.Errorf("a reader that reads nothing: %d, %s", code, stderr)
	}
}

// idle is a reader that reads nothing.
type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

// However the text comes, the same goes out.
func TestRedactInPieces(t *testing.T) {
	r := redact.New(redact.Default()...)
	texts := []string{
		"a password=hunter2\r\nAuthorization: Bearer abcdefghijklmnop\n",
		"before\n" + privateKey + privateKey + "after\n",
		"db:\n  password:\n    hunter2\n  host: h\n",
		"password: |\n  one\n  two\nhost: h\n",
		"passwords:\n- one\n- two\nhost: h\n",
		"{\n  \"password\":\n    \"hunter2\",\n  \"n\": 1\n}\n",
		"curl -H 'Authorization: Bearer abcdefghijklmnop' https://u:p4ssw0rd@h/\ncall +49 30 901820\n",
	}
	texts = append(texts, strings.Repeat(strings.Join(texts, "\n"), 200)) // Longer than a chunk.
	for _, text := range texts {
		want := r.String(text)
		for name, reader := range map[string]io.Reader{
			"whole": strings.NewReader(text), "halves": iotest.HalfReader(strings.NewReader(text)),
			"bytes": iotest.OneByteReader(strings.NewReader(text)), "with its end": iotest.DataErrReader(strings.NewReader(text)),
		} {
			if name == "bytes" && len(text) > 16<<10 {
				continue
			}
			if _, got, _ := redacted(t, reader); got != want {
				t.Errorf("%s, in %s\ngot  %.300q\nwant %.300q", text[:min(len(text), 60)], name, got, want)
			}
		}
	}
}

// Lines are written as soon as they are read, for a reader that follows the output.
func TestRedactFollows(t *testing.T) {
	in, lines := io.Pipe()
	read, out := io.Pipe()
	done := make(chan int)
	go func() {
		var errs strings.Builder
		code := run([]string{"redact"}, in, out, &errs)
		_ = out.Close()
		done <- code
	}()
	got := make([]byte, 100)
	for _, line := range []string{"hello\n", "world\n", "password:\n"} {
		if _, err := io.WriteString(lines, line); err != nil {
			t.Fatal(err)
		}
		if n, err := read.Read(got); err != nil || string(got[:n]) != line {
			t.Fatalf("got %q, %v, want %q", got[:n], err, line)
		}
	}
	if _, err := io.WriteString(lines, "  hunter2\nend\n"); err != nil {
		t.Fatal(err)
	}
	if n, err := read.Read(got); err != nil || string(got[:n]) != "  [REDACTED]\nend\n" {
		t.Errorf("got %q, %v", got[:n], err)
	}
	_ = lines.Close()
	if rest, err := io.ReadAll(read); err != nil || len(rest) > 0 {
		t.Errorf("got %q, %v", rest, err)
	}
	if code := <-done; code != exitOK {
		t.Errorf("exit code %d", code)
	}
}

// A private key without an end does not take all that follows.
func TestRedactKeyWithoutEnd(t *testing.T) {
	line := "2026-11-23 stt completed\n"
	_, out, errs := redacted(t, strings.NewReader("-----BEGIN RSA PRIVATE KEY-----\nplanted\n"+strings.Repeat(line, 10_000)+"ada@example.com\n"))
	kept := strings.Count(out, line)
	if strings.Contains(out, "planted") || kept < 10_000-2*(64<<10)/len(line) || !strings.HasSuffix(out, "[REDACTED:email]\n") {
		t.Errorf("%d lines are left of %.100q", kept, out)
	}
	if !strings.Contains(errs, "private_key  1") || !strings.Contains(errs, "email        1") {
		t.Errorf("the summary is\n%s", errs)
	}
}

// No line is lost, and nothing of a planted secret goes out, wherever the text is cut.
func FuzzRedactInPieces(f *testing.F) {
	f.Add("before\n", "\nafter\n", uint8(7))
	f.Add("password: |\n  x\n", "-----BEGIN PRIVATE KEY-----\nx\n", uint8(1))
	f.Add("{\"a\":\"\\\"", "\r\n\r\n- x\n", uint8(3))
	f.Fuzz(func(t *testing.T, before, after string, size uint8) {
		if len(before) > 1000 || len(after) > 1000 {
			return
		}
		const secret = "sk-proj-plantedPLANTED0123456789abcdefghijABCDEFGHIJ"
		text := before + "\nkey " + secret + "\n" + after
		code, out, errs := redacted(t, &pieces{text, int(size)%64 + 1}, "-v")
		if code != exitOK || strings.Contains(out+errs, "plantedPLANTED") {
			t.Errorf("of %q goes out\n%q\n%s", text, out, errs)
		}
	})
}

// pieces reads a text in pieces of a size.
type pieces struct {
	text string
	size int
}

func (p *pieces) Read(b []byte) (int, error) {
	if p.text == "" {
		return 0, io.EOF
	}
	n := copy(b[:min(len(b), p.size)], p.text)
	p.text = p.text[n:]
	return n, nil
}
