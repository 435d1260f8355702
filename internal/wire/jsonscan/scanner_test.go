// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonscan_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
)

var plan = jsonscan.NewPlan(
	jsonscan.Field{Path: "model", ID: 1},
	jsonscan.Field{Path: "choices.*.delta.content", ID: 2},
	jsonscan.Field{Path: "usage", ID: 3, Mode: jsonscan.Raw},
	jsonscan.Field{Path: "audio", ID: 4, Mode: jsonscan.Pieces},
	jsonscan.Field{Path: "error", ID: 5, Mode: jsonscan.Begin},
	jsonscan.Field{Path: "choices.*.calls.*.name", ID: 6},
)

// scan returns what a scanner reports of texts, each in pieces of size bytes.
func scan(p *jsonscan.Plan, size int, texts ...string) (reports []string, s *jsonscan.Scanner) {
	piece := ""
	s = jsonscan.NewScanner(p, func(v *jsonscan.Value) {
		if v.Field == jsonscan.DocumentEnd {
			return
		}
		if v.More {
			piece += string(v.Text)
			return
		}
		text := piece + string(v.Text)
		piece = ""
		reports = append(reports, fmt.Sprintf("%d %v %d %q", v.Field, v.Kind, v.Index[:2], text))
	})
	for _, text := range texts {
		for chunk := range slices.Chunk([]byte(text), size) {
			s.Scan(chunk)
		}
	}
	s.End()
	return reports, s
}

func TestScanner(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       []string
		broken     bool
	}{
		{name: "scalars", text: `{"id":"x","model":"gpt","other":{"model":"no"}}`, want: []string{`1 1 [0 0] "gpt"`}},
		{name: "elements", text: `{"choices":[{"delta":{"content":"a"}},{"delta":{"content":null}}]}`, want: []string{`2 1 [0 0] "a"`, `2 5 [1 0] "null"`}},
		{name: "nested indexes", text: `{"choices":[{},{"calls":[0,{"name":"f"}]}]}`, want: []string{`6 1 [1 1] "f"`}},
		{name: "raw", text: `{"usage": {"a": [1, "}"]} , "model":2}`, want: []string{`3 6 [0 0] "{\"a\": [1, \"}\"]}"`, `1 2 [0 0] "2"`}},
		{name: "half a surrogate pair before an escape", text: `{"model":"\ud83c\n"}`, want: []string{`1 1 [0 0] "�\n"`}},
		{name: "raw number", text: `{"usage":12}`, want: []string{`3 2 [0 0] "12"`}},
		{name: "raw null", text: `{"usage":null}`, want: []string{`3 5 [0 0] "null"`}},
		{name: "raw string", text: `{"usage":"a\"b"}`, want: []string{`3 1 [0 0] "\"a\\\"b\""`}},
		{name: "pieces", text: `{"audio":"AAAA\u0042\n"}`, want: []string{`4 1 [0 0] "AAAAB\n"`}},
		{name: "begin object", text: `{"error":{"a":1}}`, want: []string{`5 6 [0 0] ""`}},
		{name: "begin string", text: `{"error":"bad"}`, want: []string{`5 1 [0 0] "bad"`}},
		{name: "escapes", text: `{"model":"\u00e4\ud83d\ude00\ud83dx\ude00\t\/"}`, want: []string{`1 1 [0 0] "ä😀�x�\t/"`}},
		{name: "escaped key", text: `{"mo\u0064el":true}`, want: []string{`1 3 [0 0] "true"`}},
		{name: "two documents", text: "{\"model\":\"a\"}\n{\"model\":\"b\"}\n", want: []string{`1 1 [0 0] "a"`, `1 1 [0 0] "b"`}},
		{name: "no JSON", text: `<html>`, broken: true},
		{name: "cut", text: `{"model":"a","choices":[`, want: []string{`1 1 [0 0] "a"`}},
		{name: "a second colon before a value that is skipped", text: `{"other"::"long "`, broken: true},
		{name: "too deep", text: strings.Repeat("[", jsonscan.MaxDepth+1), broken: true},
		{name: "a quote in a skipped number", text: `{"x":1"`, broken: true},
		{name: "a bracket in a skipped number", text: `{"x":1[`, broken: true},
		{name: "no skipped value", text: `{"x":}`, broken: true},
		{name: "a skipped value that is nested too deeply", text: `{"x":` + strings.Repeat("[", jsonscan.MaxDepth), broken: true},
		{name: "wrong end", text: `{"model":"a"]`, want: []string{`1 1 [0 0] "a"`}, broken: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, size := range []int{1, 2, 3, 7, len(tt.text)} {
				got, s := scan(plan, size, tt.text)
				if !slices.Equal(got, tt.want) {
					t.Errorf("in pieces of %d bytes:\ngot  %q\nwant %q", size, got, tt.want)
				}
				if s.Broken() != tt.broken {
					t.Errorf("in pieces of %d bytes: Broken is %v, want %v", size, s.Broken(), tt.broken)
				}
			}
		})
	}
}

func TestScannerListPlan(t *testing.T) {
	list := jsonscan.NewListPlan(jsonscan.Field{Path: "a", ID: 1}, jsonscan.Field{Path: "b.*", ID: 2})
	for _, tt := range []struct {
		name, text string
		want       []string
		docs       int
		complete   bool
	}{
		{"elements", `[{"a":1}, {"a":2,"b":[3,4]}]`, []string{`1 2 [0 0] "1"`, `1 2 [0 0] "2"`, `2 2 [0 0] "3"`, `2 2 [1 0] "4"`}, 2, true},
		{"no array", `{"a":1}`, []string{`1 2 [0 0] "1"`}, 1, true},
		{"empty", `[]`, nil, 0, true},
		{"cut after an element", `[{"a":1},`, []string{`1 2 [0 0] "1"`}, 1, false},
		{"array in the array", `[[1],{"a":1}]`, []string{`1 2 [0 0] "1"`}, 2, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, size := range []int{1, 2, 100} {
				got, s := scan(list, size, tt.text)
				if !slices.Equal(got, tt.want) || s.Documents() != tt.docs || s.Complete() != tt.complete {
					t.Errorf("in pieces of %d bytes: %q, %d documents, complete %v", size, got, s.Documents(), s.Complete())
				}
			}
		})
	}
}

func TestScannerBoundsTextInRaw(t *testing.T) {
	// No piece of the text ends at the limit, or in an escape that is cut.
	const limit = jsonscan.MaxRawText
	for _, tt := range []struct{ name, text, want string }{
		{"at the limit", strings.Repeat("a", limit), strings.Repeat("a", limit)},
		{"above the limit", strings.Repeat("a", limit+1), strings.Repeat("a", limit)},
		{"an escape at the limit", strings.Repeat("a", limit-1) + `\u00e4b`, strings.Repeat("a", limit-1) + `\u00e4`},
		{"an escape above the limit", strings.Repeat("a", limit) + `\u00e4b\"c`, strings.Repeat("a", limit)},
		{"a quote above the limit", strings.Repeat("a", limit+100) + `\"b`, strings.Repeat("a", limit)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, size := range []int{1, 7, limit, 1 << 20} {
				text := ""
				s := jsonscan.NewScanner(plan, func(v *jsonscan.Value) {
					if v.Field == 3 {
						text = string(v.Text)
					}
				})
				for p := range slices.Chunk([]byte(`{"usage":["`+tt.text+`",{"`+strings.Repeat("k", 20)+`":"b"}]}`), size) {
					s.Scan(p)
				}
				if want := `["` + tt.want + `",{"` + strings.Repeat("k", 20) + `":"b"}]`; text != want {
					t.Errorf("in pieces of %d bytes: %d bytes that end with %q, want %d", size, len(text), text[max(len(text)-60, 0):], len(want))
				}
			}
		})
	}
}

func TestScannerBoundsText(t *testing.T) {
	long := strings.Repeat("ä", 100_000)
	text := `{"model":"` + long + `","usage":["` + long + `"` + strings.Repeat(`,"`+long[:20_000]+`"`, 5) + `],"audio":"` + long + `"}`
	var model, raw, audio jsonscan.Value
	var modelText string
	s := jsonscan.NewScanner(plan, func(v *jsonscan.Value) {
		switch v.Field {
		case 1:
			model, modelText = *v, string(v.Text)
		case 3:
			raw = *v
		case 4:
			audio = *v
		}
	})
	for chunk := range slices.Chunk([]byte(text), 1001) {
		s.Scan(chunk)
	}
	if model.Runes != 100_000 || !model.Cut || len(model.Text) > jsonscan.MaxText || !utf8.ValidString(modelText) {
		t.Errorf("model: %d runes, cut %v, %d bytes", model.Runes, model.Cut, len(model.Text))
	}
	if !raw.Cut || len(raw.Text) != jsonscan.MaxRaw {
		t.Errorf("raw: cut %v, %d bytes", raw.Cut, len(raw.Text))
	}
	if audio.Runes != 100_000 || audio.More {
		t.Errorf("audio: %d runes, more %v", audio.Runes, audio.More)
	}
}

func TestScannerAllocates(t *testing.T) {
	s := jsonscan.NewScanner(plan, func(*jsonscan.Value) {})
	text := []byte(`{"id":"chatcmpl-1","model":"gpt-4o-mini","choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":null}]}` + "\n")
	s.Scan(text)
	if n := testing.AllocsPerRun(100, func() { s.Scan(text) }); n != 0 {
		t.Errorf("%v allocations a document, want 0", n)
	}
}

func BenchmarkScanner(b *testing.B) {
	const chunk = `{"id":"chatcmpl-B1aLq0x","object":"chat.completion.chunk","created":1764358000,"model":"gpt-4o-mini-2024-07-18","service_tier":"default","system_fingerprint":"fp_560af6e559","choices":[{"index":0,"delta":{"content":" table"},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"kUa2dQ"}`
	for _, bb := range []struct {
		name  string
		other string // A second document that follows the chunk.
	}{
		{"equal documents", chunk},
		{"documents of two shapes", " " + strings.Replace(chunk, `"logprobs":null`, `"logprobs":{}`, 1)},
	} {
		b.Run(bb.name, func(b *testing.B) {
			s := jsonscan.NewScanner(plan, func(*jsonscan.Value) {})
			one, other := []byte(chunk), []byte(bb.other)
			b.SetBytes(int64(len(one) + len(other)))
			for b.Loop() {
				s.Scan(one)
				s.Scan(other)
			}
		})
	}
}

// longNumber matches a number that is longer than a scanner reads, which no provider writes.
var longNumber = regexp.MustCompile(`[-+.0-9eE]{500}`)

// FuzzScanner compares the scanner with encoding/json, on texts that are JSON.
func FuzzScanner(f *testing.F) {
	for _, text := range []string{`{"model":"\ud83d\ude00"}`, `{"a":[1,-2.5e3,true,null,{"model":"b"}],"model":"c"}`, `{"usage":{"x":1}}`, `[]`, `"a"`, `3`, strings.Repeat("4", 600)} {
		f.Add(text, 3)
	}
	f.Fuzz(func(t *testing.T, text string, size int) {
		size = min(max(size, 1), 1000)
		got, s := scan(jsonscan.NewPlan(jsonscan.Field{Path: "model", ID: 1}, jsonscan.Field{Path: "usage", ID: 2, Mode: jsonscan.Raw}), size, text)
		whole, _ := scan(jsonscan.NewPlan(jsonscan.Field{Path: "model", ID: 1}, jsonscan.Field{Path: "usage", ID: 2, Mode: jsonscan.Raw}), max(len(text), 1), text)
		if !slices.Equal(got, whole) {
			t.Fatalf("in pieces of %d bytes %q, as a whole %q", size, got, whole)
		}
		if !json.Valid([]byte(text)) || !utf8.ValidString(text) || longNumber.MatchString(text) {
			return
		}
		if s.Broken() || !s.Complete() || s.Documents() != 1 {
			t.Fatalf("valid JSON: broken %v, complete %v, %d documents", s.Broken(), s.Complete(), s.Documents())
		}
		var doc map[string]json.RawMessage
		if json.Unmarshal([]byte(text), &doc) != nil || strings.Count(text, "model") != 1 {
			return
		}
		var model *string
		if json.Unmarshal(doc["model"], &model) != nil || model == nil || len(*model) > jsonscan.MaxText {
			return
		}
		want := fmt.Sprintf("1 1 [0 0] %q", *model)
		if !slices.Contains(got, want) {
			t.Fatalf("got %q, want %s", got, want)
		}
	})
}

func TestRunes(t *testing.T) {
	for _, text := range []string{"", "table", "eight by", "Süß – für vier", strings.Repeat("é", 33), strings.Repeat("日本語🙂", 9), "1234567\xff\xc3\x80é"} {
		got := -1
		s := jsonscan.NewScanner(jsonscan.NewPlan(jsonscan.Field{Path: "text", ID: 1}), func(v *jsonscan.Value) {
			if v.Field == 1 {
				got = v.Runes
			}
		})
		s.Scan([]byte(`{"text":"` + text + `"}`))
		want := 0
		for i := range len(text) {
			if utf8.RuneStart(text[i]) {
				want++
			}
		}
		if got != want {
			t.Errorf("%q: %d code points, want %d", text, got, want)
		}
	}
}
