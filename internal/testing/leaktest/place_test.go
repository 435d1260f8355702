// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package leaktest_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/voice-agents/telemetry/internal/testing/leaktest"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// place is an input of a program that its outputs show.
type place struct {
	name string
	// fits reports whether the place accepts a text; nil accepts all.
	fits func(text string) bool
	// plant puts the items into the place.
	plant func(p *program, items []item)
	// options are for places in the set-up.
	options func(items []item) []voicesdk.Option
	// least is the number of outputs that must show a harmless text.
	least int
}

// item is a text for a place: whole, and as key and value.
type item struct{ key, value, text string }

// canary is the harmless text that shows which outputs show a place.
const canary = "canary-of-the-mine"

// places returns all places.
func places() []place {
	return slices.Concat(logPlaces(), valuePlaces(), spanPlaces(), voicePlaces(), metricPlaces(), httpPlaces(), setupPlaces())
}

// one returns a place for one item at a time.
func one(name string, least int, plant func(p *program, i item)) place {
	return place{name: name, least: least, plant: func(p *program, items []item) {
		for _, i := range items {
			plant(p, i)
		}
	}}
}

// short returns a place for texts of one line that are short enough not to be truncated.
func short(p place) place {
	const most = 100
	p.fits = func(text string) bool { return len(text) <= most && isLine(text) }
	return p
}

// isLine reports whether a text is valid in an HTTP header.
func isLine(text string) bool {
	return text != "" && strings.TrimSpace(text) == text && !strings.ContainsFunc(text, func(c rune) bool { return c < ' ' || c >= utf8.RuneSelf })
}

// isID reports whether a text is a valid correlation ID.
func isID(text string) bool {
	const most = 64
	return len(text) <= most && isLine(text) && !strings.ContainsFunc(text, func(c rune) bool {
		return !strings.ContainsRune("-_.", c) && !unicode.IsLetter(c) && !unicode.IsDigit(c)
	})
}

// isSegment reports whether a text is one segment of a path.
func isSegment(text string) bool { return isLine(text) && !strings.ContainsAny(text, ":=\"'{}[]<>?,") }

// printed returns the secrets, each printed by a different printer for each place.
func printed(turn int, pl place) (items []item, secrets []leaktest.Secret) {
	printers := leaktest.Printers()
	for i, s := range leaktest.Secrets() {
		if (turn+i)%leaktest.Parts != 0 {
			continue
		}
		s = s.Unmistakable()
		for k := range printers {
			text, ok := printers[(turn*31+i*7+k)%len(printers)].Print(s)
			if s.Bare() && k == 0 && (turn+i)%2 == 0 {
				text, ok = s.Value, true
			}
			if !ok || pl.fits != nil && !pl.fits(text) {
				continue
			}
			items, secrets = append(items, item{s.Key, s.Value, text}), append(secrets, s)
			break
		}
	}
	return items, secrets
}

// harmless returns the harmless texts that the place accepts, a different part of them for each place.
func harmless(turn int, pl place) (items []item, words [][]string) {
	const rest = 3 * leaktest.Parts
	texts := leaktest.Harmless()
	list := []string{canary}
	for _, class := range slices.Sorted(maps.Keys(texts)) {
		list = append(list, texts[class]...)
	}
	for i, text := range list {
		const shortest = 6
		if text != canary && i%rest != turn%rest {
			continue
		}
		if len(leaktest.Skeleton([]byte(text))) < shortest || !utf8.ValidString(text) || pl.fits != nil && !pl.fits(text) {
			continue
		}
		items, words = append(items, item{"note", text, text}), append(words, []string{text})
	}
	return items, words
}

// No output contains a planted secret, and each output that shows a place contains its harmless texts.
func TestPlaces(t *testing.T) {
	all := places()
	total := make(chan tally, len(all))
	t.Run("place", func(t *testing.T) {
		for i, pl := range all {
			t.Run(pl.name, func(t *testing.T) {
				t.Parallel()
				total <- pl.try(t, i)
			})
		}
	})
	close(total)
	sum := tally{outputs: map[string]int{}}
	for one := range total {
		sum.add(one)
	}
	t.Logf("%d secrets × %d printers × %d places × %d outputs: %d secrets planted, %d looked for in outputs, leaks %d; %d harmless looked for, lost %d",
		len(leaktest.Secrets()), len(leaktest.Printers()), len(all), len(sum.outputs), sum.planted, sum.searched, sum.leaks, sum.harmless, sum.lost)
	for _, name := range slices.Sorted(maps.Keys(sum.outputs)) {
		t.Logf("%-24s shows %2d places", name, sum.outputs[name])
	}
}

// tally counts the texts that were tried.
type tally struct {
	planted, searched, leaks, harmless, lost int

	outputs map[string]int // How many places each output shows.
}

func (t *tally) add(other tally) {
	t.planted += other.planted
	t.searched += other.searched
	t.leaks += other.leaks
	t.harmless += other.harmless
	t.lost += other.lost
	for name, n := range other.outputs {
		t.outputs[name] += n
	}
}

// maxReported bounds the reported failures of each place.
const maxReported = 8

// try plants all texts in a place and searches all outputs.
func (pl place) try(t *testing.T, turn int) tally {
	t.Helper()
	planted, secrets := printed(turn, pl)
	harmless, skeletons := harmless(turn, pl)
	words := make([][]string, len(secrets))
	for i, s := range secrets {
		for _, w := range s.Words {
			words[i] = append(words[i], w, strings.TrimRight(base64Of(w), "="))
		}
	}
	leaks, kept := leaktest.NewFinder(words), leaktest.NewFinder(skeletons)
	sum := tally{planted: len(planted), outputs: map[string]int{}}
	reported := 0
	for _, name := range slices.Sorted(maps.Keys(programs)) {
		items := slices.Concat(harmless, planted)
		var own []voicesdk.Option
		if pl.options != nil {
			own = pl.options(items)
		}
		p := programs[name](t, own)
		if pl.plant != nil {
			pl.plant(p, items)
		}
		for output, content := range p.end() {
			content = leaktest.Skeleton(content)
			leaked := map[int]string{}
			leaks.Find(content, func(of int, around string) { leaked[of] = around })
			for _, i := range slices.Sorted(maps.Keys(leaked)) {
				reported++
				if reported <= maxReported {
					t.Errorf("%s has %s: %q\n\tof %q", output, secrets[i].Name, leaked[i], planted[i].text)
				}
			}
			sum.leaks += len(leaked)
			found := make([]bool, len(skeletons))
			kept.Find(content, func(of int, _ string) { found[of] = true })
			if !found[0] {
				sum.outputs[output] += 0
				continue
			}
			sum.outputs[output]++
			sum.searched += len(planted)
			sum.harmless += len(harmless)
			for i, ok := range found {
				if ok {
					continue
				}
				sum.lost++
				reported++
				if reported <= maxReported {
					t.Errorf("%s has lost %q", output, harmless[i].text)
				}
			}
		}
	}
	shows := 0
	for _, n := range sum.outputs {
		shows += n
	}
	if shows < pl.least {
		t.Errorf("%d outputs show the place, want %d: %v", shows, pl.least, sum.outputs)
	}
	if reported > maxReported {
		t.Errorf("%d leaks and %d lost in total", sum.leaks, sum.lost)
	}
	return sum
}
