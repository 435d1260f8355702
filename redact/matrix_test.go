// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/voice-agents/telemetry/internal/testing/leaktest"
	"github.com/voice-agents/telemetry/redact"
)

// maxExamples bounds the reported failures of a table.
const maxExamples = 40

// nested are the names of the frames that programs nest.
var nested = []string{"alone", "JSON string", "JSON string, three deep", "%q", "percent-encoded", "error chain", "after a newline", "printed list"}

// No printed secret remains, and JSON stays valid.
func TestMatrix(t *testing.T) {
	r := redact.New(redact.Default()...)
	table := matrix{leaks: map[string]int{}}
	frames := leaktest.Frames()
	for i, s := range leaktest.Secrets() {
		for k, p := range leaktest.Printers() {
			text, ok := p.Print(s)
			if !ok || (i+k)%leaktest.Parts != 0 {
				continue
			}
			for _, f := range frames {
				if slices.Contains(nested, f.Name) {
					table.try(r, s, p.Name, f, text)
				}
			}
		}
		for _, f := range frames {
			if s.Bare() {
				table.try(r, s, "nothing", f, s.Value)
			}
		}
	}
	t.Logf("%d secrets × %d printers × %d frames = %d texts, leaks %d",
		len(leaktest.Secrets()), len(leaktest.Printers())+len(frames), len(nested), table.texts, table.sum())
	table.report(t)
}

// matrix counts the texts that were tried and their leaks.
type matrix struct {
	texts    int
	leaks    map[string]int // By printer, by frame, and by secret.
	examples []string
}

func (m *matrix) try(r *redact.Redactor, s leaktest.Secret, printer string, f leaktest.Frame, text string) {
	framed, ok := f.Wrap(text)
	if !ok {
		return
	}
	m.texts++
	clean := r.String(framed)
	word, found := s.In(clean)
	if !found && strings.ContainsAny(framed[:1], "{[\"") && json.Valid([]byte(framed)) && !json.Valid([]byte(clean)) {
		word, found = "invalid JSON", true
	}
	if !found {
		return
	}
	m.leaks["printer "+printer]++
	m.leaks["frame "+f.Name]++
	m.leaks["secret "+s.Name]++
	// Report the first failure of each printer, frame and secret.
	if m.leaks["printer "+printer] == 1 || m.leaks["frame "+f.Name] == 1 || m.leaks["secret "+s.Name] == 1 {
		m.examples = append(m.examples, s.Name+", "+printer+", "+f.Name+": "+word+"\n\tof  "+quote(framed)+"\n\tgot "+quote(clean))
	}
}

func (m *matrix) sum() (n int) {
	for name, count := range m.leaks {
		if strings.HasPrefix(name, "secret ") {
			n += count
		}
	}
	return n
}

// report fails the test with examples, and logs what leaks most.
func (m *matrix) report(t *testing.T) {
	t.Helper()
	for _, e := range m.examples[:min(len(m.examples), maxExamples)] {
		t.Error(e)
	}
	worst := slices.SortedFunc(maps.Keys(m.leaks), func(a, b string) int { return m.leaks[b] - m.leaks[a] })
	for _, name := range worst[:min(len(worst), maxExamples)] {
		t.Logf("%6d leaks with %s", m.leaks[name], name)
	}
}

func quote(s string) string {
	const most = 300
	if len(s) > most {
		s = s[:most] + "…"
	}
	return strings.ReplaceAll(s, "\n", "␤")
}

// No printed secret remains in any frame, for a part of the secrets that depends on the printer and the frame.
func TestFrames(t *testing.T) {
	const parts = 8 * leaktest.Parts
	r := redact.New(redact.Default()...)
	table := matrix{leaks: map[string]int{}}
	frames := leaktest.Frames()
	for i, s := range leaktest.Secrets() {
		for k, p := range leaktest.Printers() {
			text, ok := p.Print(s)
			for n, f := range frames {
				// The end of a value of several words is ambiguous in such a frame.
				unclear := f.Joins && strings.Contains(s.Value, " ")
				if ok && !unclear && (i+k+n)%parts == 0 {
					table.try(r, s, p.Name, f, text)
				}
			}
		}
	}
	t.Logf("%d secrets × %d printers × %d frames, of which %d texts were tried: leaks %d",
		len(leaktest.Secrets()), len(leaktest.Printers()), len(frames), table.texts, table.sum())
	table.report(t)
}

// No harmless text changes, alone and in each frame.
func TestHarmlessInFrames(t *testing.T) {
	r := redact.New(redact.Default()...)
	texts, lost, told := 0, 0, 0
	for _, class := range slices.Sorted(maps.Keys(leaktest.Harmless())) {
		for _, text := range leaktest.Harmless()[class] {
			alone := r.String(text) == text
			for _, f := range leaktest.Frames() {
				framed, ok := f.Wrap(text)
				if !ok || f.Joins {
					continue
				}
				texts++
				got := r.String(framed)
				if got == framed {
					continue
				}
				lost++
				told++
				if told <= maxExamples && (alone || f.Name == "alone") {
					t.Errorf("%s, %s\n\tof  %s\n\tgot %s", class, f.Name, quote(framed), quote(got))
				}
			}
		}
	}
	t.Logf("%d harmless texts, lost %d", texts, lost)
	if lost > 0 {
		t.Fail()
	}
}

// FuzzPrinters uses printers and frames as mutators: it prints a secret, nests the text up to twice, and puts it
// between other text.
func FuzzPrinters(f *testing.F) {
	secrets, printers, frames := leaktest.Secrets(), leaktest.Printers(), leaktest.Frames()
	for i := range secrets {
		f.Add(uint16(i), uint16(i*7), []byte{byte(i), byte(i * 3)}, "before ", " after")
	}
	var outer []leaktest.Frame
	for _, frame := range frames {
		if slices.Contains(nested, frame.Name) {
			outer = append(outer, frame)
		}
	}
	r := redact.New(redact.Default()...)
	f.Fuzz(func(t *testing.T, secret, printer uint16, chain []byte, before, after string) {
		s := secrets[int(secret)%len(secrets)]
		p := printers[int(printer)%len(printers)]
		text, ok := p.Print(s)
		if !ok {
			t.Skip()
		}
		// The other text must not join the secret.
		text = before + "\n" + text + "\n" + after
		frames := frames
		for _, i := range chain[:min(len(chain), 2)] {
			if framed, ok := frames[int(i)%len(frames)].Wrap(text); ok {
				text = framed
			}
			frames = outer
		}
		if _, found := s.In(before + " " + after); found {
			t.Skip()
		}
		once := r.String(text)
		if word, found := s.In(once); found {
			t.Errorf("%s, %s, %v: %q is left\nof  %q\ngot %q", s.Name, p.Name, chain, word, text, once)
		}
		if twice := r.String(once); twice != once {
			t.Errorf("%q\nonce  %q\ntwice %q", text, once, twice)
		}
		if utf8.ValidString(text) && !utf8.ValidString(once) {
			t.Errorf("%q became invalid: %q", text, once)
		}
	})
}
