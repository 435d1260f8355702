// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package wer_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/otelvoice/voicetest/wer"
)

// counts writes the numbers of a result: units, hits, substitutions, deletions, insertions.
func counts(r wer.Result) string {
	return fmt.Sprintf("%d = %dH %dS %dD, %dI", r.Units, r.Hits, r.Substitutions, r.Deletions, r.Insertions)
}

func TestWords(t *testing.T) {
	for _, tt := range []struct {
		name, reference, hypothesis string
		want                        string
		rate                        float64
	}{
		{"the same", "book a table for two", "book a table for two", "5 = 5H 0S 0D, 0I", 0},
		{"a substitution", "hello world", "hello duck", "2 = 1H 1S 0D, 0I", 0.5},
		{"a deletion", "i like monty python", "i like python", "4 = 3H 0S 1D, 0I", 0.25},
		{"an insertion", "the cat", "the black cat", "2 = 2H 0S 0D, 1I", 0.5},
		{"one of each", "the quick brown fox jumps", "a quick fox jumps high", "5 = 3H 1S 1D, 1I", 0.6},
		{"nothing heard", "one two three", "", "3 = 0H 0S 3D, 0I", 1},
		{"all wrong", "a b c", "d e f", "3 = 0H 3S 0D, 0I", 1},
		{"above one", "yes", "no no no", "1 = 0H 1S 0D, 2I", 3},
		{"two words as one", "a lot of time", "alot of time", "4 = 2H 1S 1D, 0I", 0.5},
		{"more hits among as many errors", "a b", "b c", "2 = 1H 0S 1D, 1I", 1},
		// The example of R. A. Wagner and M. J. Fischer's problem in most textbooks, in words.
		{"Saturday and Sunday", "S a t u r d a y", "S u n d a y", "8 = 5H 1S 2D, 0I", 0.375},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := wer.Words(tt.reference, tt.hypothesis)
			if rate, ok := r.Rate(); counts(r) != tt.want || rate != tt.rate || !ok {
				t.Errorf("got %s, %v %v, want %s, %v", counts(r), rate, ok, tt.want, tt.rate)
			}
		})
	}
}

func TestCharacters(t *testing.T) {
	for _, tt := range []struct {
		name, reference, hypothesis string
		want                        string
	}{
		{"kitten and sitting", "kitten", "sitting", "6 = 4H 2S 0D, 1I"},
		{"spaces do not count", "a b c", "abc", "3 = 3H 0S 0D, 0I"},
		{"Chinese", "我想预订一张四人桌。", "我想预定一张四人桌", "9 = 8H 1S 0D, 0I"},
		{"Japanese, half-width", "ﾃｰﾌﾞﾙを予約", "テーブルを予約", "7 = 7H 0S 0D, 0I"},
		{"Thai", "สวัสดีครับ", "สวัสดีคับ", "10 = 9H 0S 1D, 0I"},
		{"full-width digits", "１２３", "124", "3 = 2H 1S 0D, 0I"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if r := wer.Characters(tt.reference, tt.hypothesis); counts(r) != tt.want {
				t.Errorf("got %s, want %s", counts(r), tt.want)
			}
		})
	}
}

func TestEmptyTexts(t *testing.T) {
	for _, tt := range []struct {
		reference, hypothesis string
		want                  string
	}{
		{"", "", "0 = 0H 0S 0D, 0I"},
		{" \n", "…", "0 = 0H 0S 0D, 0I"},
		{"", "hello there", "0 = 0H 0S 0D, 2I"},
	} {
		r := wer.Words(tt.reference, tt.hypothesis)
		if rate, ok := r.Rate(); ok || rate != 0 || counts(r) != tt.want {
			t.Errorf("%q and %q: %s with the rate %v, %v", tt.reference, tt.hypothesis, counts(r), rate, ok)
		}
	}
}

// Each text is the same as the next by the normalisation, and different by the option.
func TestNormalisation(t *testing.T) {
	for _, tt := range []struct {
		name, a, b string
		same       bool
		opts       []wer.Option
	}{
		{"case", "Hello WORLD", "hello world", true, nil},
		{"case that changes the length", "STRASSE", "straße", true, nil},
		{"case, kept", "Hello", "hello", false, []wer.Option{wer.WithCase()}},
		{"punctuation", "Well, yes! (Really?)", "well yes really", true, nil},
		{"punctuation, kept", "yes.", "yes", false, []wer.Option{wer.WithPunctuation()}},
		{"punctuation of other scripts", "¿Qué tal? 好。", "qué tal 好", true, nil},
		{"hyphens", "well-known", "well known", true, nil},
		{"apostrophes", "don’t", "don't", true, nil},
		{"an apostrophe is a part of a word", "don't", "dont", false, nil},
		{"quotes are not", "'hello'", "hello", true, nil},
		{"composed letters", "cafe\u0301", "café", true, nil},
		{"other letters", "cafe", "café", false, nil},
		{"ligatures", "ﬁne", "fine", true, nil},
		{"soft hyphens", "re\u00adservation", "reservation", true, nil},
		{"white space", " a \t b\u00a0c\n", "a b c", true, nil},
		{"numbers stay", "at 7", "at seven", false, nil},
		{"decimals", "3.5", "35", false, nil},
		{"times", "7:30.", "7:30", true, nil},
		{"groups", "1,000", "1000", false, nil},
		{"groups, removed", "1,234,567 or 12,3", "1234567 or 12,3", true, []wer.Option{wer.WithoutGrouping()}},
		{"percent", "50%", "50", false, nil},
		{"a rewrite", "7 pm", "seven pm", true, []wer.Option{wer.WithRewrite(func(s string) string { return strings.ReplaceAll(s, "7", "seven") }), wer.WithRewrite(nil), nil}},
		{"invalid UTF-8", "a\xffb", "a\ufffdb", true, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if r := wer.Words(tt.a, tt.b, tt.opts...); (r.Errors() == 0) != tt.same {
				t.Errorf("%q and %q: %s %v", tt.a, tt.b, counts(r), r.Alignment)
			}
		})
	}
}

func TestAlignment(t *testing.T) {
	r := wer.Words("The quick brown fox.", "a quick fox jumps")
	var got []string
	for _, e := range r.Alignment {
		got = append(got, fmt.Sprintf("%s %s/%s", e.Op, e.Reference, e.Hypothesis))
	}
	want := []string{"S the/a", "= quick/quick", "D brown/", "= fox/fox", "I /jumps"}
	if !slices.Equal(got, want) {
		t.Errorf("\ngot  %q\nwant %q", got, want)
	}
}

// brute finds the fewest errors, and the most hits among them, by trying every alignment.
func brute(a, b []string) (errs, hits int) {
	if len(a) == 0 || len(b) == 0 {
		return len(a) + len(b), 0
	}
	better := func(e, h int) {
		if e < errs || e == errs && h > hits {
			errs, hits = e, h
		}
	}
	errs = 1 << 30
	e, h := brute(a[1:], b[1:])
	if a[0] == b[0] {
		better(e, h+1)
	} else {
		better(e+1, h)
	}
	e, h = brute(a[1:], b)
	better(e+1, h)
	e, h = brute(a, b[1:])
	better(e+1, h)
	return errs, hits
}

func TestAgainstEveryAlignment(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	words := func() (out []string) {
		for range rng.IntN(8) {
			out = append(out, string(rune('a'+rng.IntN(3))))
		}
		return out
	}
	for range 3000 {
		a, b := words(), words()
		r := wer.Words(strings.Join(a, " "), strings.Join(b, " "))
		if errs, hits := brute(a, b); r.Errors() != errs || r.Hits != hits {
			t.Fatalf("%v and %v: %s, want %d errors, %d hits", a, b, counts(r), errs, hits)
		}
		consistent(t, r, len(a), len(b))
	}
}

// consistent checks that the numbers and the alignment fit to each other and to the texts.
func consistent(t *testing.T, r wer.Result, reference, hypothesis int) {
	t.Helper()
	if r.Units != reference || r.Hits+r.Substitutions+r.Deletions != reference || r.Hits+r.Substitutions+r.Insertions != hypothesis {
		t.Fatalf("%s of %d and %d units", counts(r), reference, hypothesis)
	}
	var ops [256]int
	for _, e := range r.Alignment {
		ops[e.Op]++
		if (e.Op == wer.Hit) != (e.Reference == e.Hypothesis) {
			t.Fatalf("an edit %+v", e)
		}
	}
	if ops[wer.Hit] != r.Hits || ops[wer.Substitution] != r.Substitutions || ops[wer.Deletion] != r.Deletions || ops[wer.Insertion] != r.Insertions {
		t.Fatalf("%s, but the alignment has %v", counts(r), ops)
	}
}

// rows is the textbook's table of two rows.
func rows(a, b []string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		next := []int{i + 1}
		for j := range b {
			cost := row[j] + 1
			if a[i] == b[j] {
				cost--
			}
			next = append(next, min(cost, row[j+1]+1, next[j]+1))
		}
		row = next
	}
	return row[len(b)]
}

// Long texts are halved. Their alignment is as good as that of a whole table, and its memory is bounded.
func TestLongTexts(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	vocabulary := make([]string, 300)
	for i := range vocabulary {
		vocabulary[i] = fmt.Sprintf("word%d", i)
	}
	var a, b []string
	for range 3000 {
		word := vocabulary[rng.IntN(len(vocabulary))]
		a = append(a, word)
		switch rng.IntN(20) {
		case 0:
		case 1:
			b = append(b, vocabulary[rng.IntN(len(vocabulary))])
		case 2:
			b = append(b, word, vocabulary[rng.IntN(len(vocabulary))])
		default:
			b = append(b, word)
		}
	}
	reference, hypothesis := strings.Join(a, " "), strings.Join(b, " ")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r := wer.Words(reference, hypothesis)
	runtime.ReadMemStats(&after)
	consistent(t, r, len(a), len(b))
	if want := rows(a, b); r.Errors() != want {
		t.Errorf("%d errors, want %d", r.Errors(), want)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 8<<20 {
		t.Errorf("%d bytes were allocated", used)
	}
}

func FuzzWords(f *testing.F) {
	f.Add("the quick brown fox", "a quick fox jumps")
	f.Add("don’t STRASSE 1,000", "dont straße 1000")
	f.Add("我想预订", "\xff\u200b")
	f.Fuzz(func(t *testing.T, reference, hypothesis string) {
		if len(reference) > 200 || len(hypothesis) > 200 {
			return
		}
		for _, opts := range [][]wer.Option{nil, {wer.WithCase(), wer.WithPunctuation(), wer.WithoutGrouping()}} {
			for _, compare := range []func(string, string, ...wer.Option) wer.Result{wer.Words, wer.Characters} {
				r := compare(reference, hypothesis, opts...)
				consistent(t, r, r.Hits+r.Substitutions+r.Deletions, r.Hits+r.Substitutions+r.Insertions)
				if back := compare(hypothesis, reference, opts...); back.Errors() != r.Errors() || back.Hits != r.Hits || back.Deletions != r.Insertions {
					t.Errorf("%s, and the other way round %s", counts(r), counts(back))
				}
				if same := compare(reference, reference, opts...); same.Errors() != 0 {
					t.Errorf("a text against itself: %s", counts(same))
				}
				var a, b []string
				for _, e := range r.Alignment {
					if e.Op != wer.Insertion {
						a = append(a, e.Reference)
					}
					if e.Op != wer.Deletion {
						b = append(b, e.Hypothesis)
					}
				}
				if want := rows(a, b); r.Errors() != want {
					t.Errorf("%s, want %d errors", counts(r), want)
				}
			}
		}
	})
}

func BenchmarkWords(b *testing.B) {
	reference := strings.Repeat("book a table for four tomorrow at seven please ", 1000)
	hypothesis := strings.Repeat("cook a cable for four to morrow at seven ", 1000)
	b.ReportAllocs()
	for b.Loop() {
		wer.Words(reference, hypothesis)
	}
}
