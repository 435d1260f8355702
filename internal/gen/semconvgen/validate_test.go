// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"
	"testing/fstest"
)

// base is a valid registry. Each test of the validator replaces a part of it.
const base = `
title: Base
brief: A valid registry.
sources: [{id: house, name: House rules, url: "https://example.com"}]
attributes:
  - {id: voice.wait, type: double, unit: s, stability: stable, examples: [1.5], brief: How long., source: house}
  - {id: voice.word, type: string, stability: stable, examples: [a], brief: A word., source: house}
  - {id: voice.secret, type: string, sensitive: true, stability: stable, examples: [a], brief: A secret., source: house}
  - {id: voice.call.id, type: string, stability: stable, examples: [a], brief: A call., source: house}
  - id: voice.kind
    type: enum
    stability: development
    brief: A kind.
    source: house
    members: [{id: a, value: a, brief: The first.}, {id: b, value: b, brief: The second.}]
sets: {call: {required: [voice.word]}}
spans:
  - {id: chat, name: "chat {voice.word}", kind: client, stability: stable, brief: A chat., source: house, sets: [call], opt_in: [voice.secret]}
events:
  - {id: voice.done, spans: [chat], stability: stable, brief: It is done., source: house, attributes: [voice.kind]}
buckets: {few: [1, 2]}
metrics:
  - {id: voice.wait, instrument: histogram, unit: s, buckets: few, stability: stable, brief: How long., source: house, attributes: [voice.kind]}
`

func TestValidateAcceptsTheBase(t *testing.T) {
	if err := check(t, base); err != nil {
		t.Errorf("got %v, want no error", err)
	}
}

func TestValidate(t *testing.T) {
	const (
		wait   = "{id: voice.wait, type: double, unit: s, stability: stable, examples: [1.5], brief: How long., source: house}"
		metric = "{id: voice.wait, instrument: histogram, unit: s, buckets: few, stability: stable, brief: How long., source: house, attributes: [voice.kind]}"
		span   = `name: "chat {voice.word}"`
		member = "{id: b, value: b, brief: The second.}"
	)
	tests := []struct {
		name     string
		old, new string
		want     string
	}{
		{"attribute without type", "type: double, unit: s, ", "", "attribute voice.wait: no type"},
		{"attribute of a type that is none", "type: double, unit: s", "type: float", `attribute voice.wait: type "float" is not`},
		{"double without unit", "type: double, unit: s", "type: double", "attribute voice.wait: no unit"},
		{"unit on a string", "id: voice.word, type: string", "id: voice.word, type: string, unit: s", "attribute voice.word: a unit on the type string"},
		{"attribute without example", "examples: [1.5], ", "", "attribute voice.wait: no example"},
		{"example of another type", "[1.5]", "[soon]", "attribute voice.wait: example soon is no double"},
		{"empty example", "type: string, stability: stable, examples: [a], brief: A word.", "type: string, stability: stable, examples: [''], brief: A word.", "attribute voice.word: example  is no string"},
		{"attribute without brief", "brief: How long., source: house}\n  - {id: voice.word", "source: house}\n  - {id: voice.word", "attribute voice.wait: no brief"},
		{"brief that is no sentence", "brief: A word.", "brief: a word", "attribute voice.word: the brief does not begin with a capital"},
		{"stability of another kind", "id: voice.word, type: string, stability: stable", "id: voice.word, type: string, stability: beta", `stability "beta" is not stable or development`},
		{"no stability", "id: voice.word, type: string, stability: stable", "id: voice.word, type: string", "attribute voice.word: no stability"},
		{"attribute without source", "brief: A word., source: house", "brief: A word.", "attribute voice.word: no source"},
		{"source that is not defined", "brief: A word., source: house", "brief: A word., source: home", `attribute voice.word: source "home" is not defined`},
		{"source twice", "sources: [", "sources: [{id: house, name: Another, url: 'https://example.com'}, ", "source house: defined twice"},
		{"source without URL", `, url: "https://example.com"`, "", "source house: not an id, a name and an https URL"},
		{"attribute twice", wait, wait + "\n  - " + wait, "attribute voice.wait: defined twice"},
		{"name in upper case", "{id: voice.wait, type", "{id: voice.Wait, type", "attribute voice.Wait: the name is not lower case words"},
		{"name with an empty word", "{id: voice.wait, type", "{id: voice..wait, type", "attribute voice..wait: the name is not lower case words"},
		{"Go name of another attribute", "{id: voice.word, type", "{id: voice_wait, type", "attribute voice_wait: its Go name VoiceWait is taken by voice.wait"},
		{"Go name of another attribute's key", "{id: voice.word, type", "{id: voice.wait.key, type", "its Go name VoiceWaitKey is taken by voice.wait"},
		{"Go name of an enum's value", "{id: voice.word, type", "{id: voice.kind.a, type", "its Go name VoiceKindA is taken by voice.kind.a"},
		{"Go name that the package declares", "{id: voice.word, type", "{id: version, type", "its Go name Version is taken by semconv.go"},
		{"enum without members", "[{id: a, value: a, brief: The first.}, " + member + "]", "[]", "attribute voice.kind: an enum without members"},
		{"enum with an example", "type: enum", "type: enum\n    examples: [a]", "attribute voice.kind: examples of an enum"},
		{"member ID twice", member, "{id: a, value: b, brief: The second.}", "attribute voice.kind: member a is there twice"},
		{"member value twice", member, "{id: b, value: a, brief: The second.}", "attribute voice.kind: member b is there twice"},
		{"member without value", member, "{id: b, brief: The second.}", `attribute voice.kind: member "b" is not an id`},
		{"member without brief", member, "{id: b, value: b}", "attribute voice.kind: member b: no brief"},
		{"members of a string", "id: voice.word, type: string", "id: voice.word, members: [{id: a, value: a, brief: A.}], type: string", "members without the type enum"},
		{"group without title", "title: Base", "", "group : no title"},
		{"group without brief", "brief: A valid registry.", "", "group Base: no brief"},
		{"span of another kind", "kind: client", "kind: remote", `span chat: kind "remote" is not`},
		{"span name without space", span, `name: "chat{voice.word}"`, "span chat: name"},
		{"span name with an open brace", span, `name: "chat {voice.word"`, "span chat: name"},
		{"span name of two words", span, `name: "chat word"`, "span chat: name"},
		{"span without name", span, `name: ""`, "span chat: name"},
		{"span name with what users say", span, `name: "chat {voice.secret}"`, "voice.secret is not a string attribute that may be read by all"},
		{"span name with an attribute that is not defined", span, `name: "chat {voice.nothing}"`, "voice.nothing is not a string attribute"},
		{"span with a set that is not defined", "sets: [call]", "sets: [call, none]", "span chat: set none is not defined"},
		{"span with an attribute that is not defined", "opt_in: [voice.secret]", "opt_in: [voice.nothing]", "span chat: attribute voice.nothing is not defined"},
		{"span with an attribute twice", "opt_in: [voice.secret]", "opt_in: [voice.word]", "span chat: attribute voice.word is listed twice"},
		{"span with a secret", "opt_in: [voice.secret]", "recommended: [voice.secret]", "span chat: attribute voice.secret is sensitive and not opt_in"},
		{"set without span", "sets: [call], ", "", "set call: no span has it"},
		{"event without span", "spans: [chat]", "spans: []", "event voice.done: no span"},
		{"event on a span that is not defined", "spans: [chat]", "spans: [talk]", "event voice.done: span talk is not defined"},
		{"event with a secret", "source: house, attributes: [voice.kind]}\nbuckets", "source: house, attributes: [voice.secret]}\nbuckets", "event voice.done: attribute voice.secret is sensitive"},
		{"metric without unit", "instrument: histogram, unit: s", "instrument: histogram", "metric voice.wait: no unit"},
		{"metric twice", metric, metric + "\n  - " + metric, "metric voice.wait: defined twice"},
		{"metric with an instrument that is none", "instrument: histogram", "instrument: summary", `metric voice.wait: instrument "summary" is not`},
		{"histogram without buckets", "buckets: few, ", "", "metric voice.wait: a histogram without buckets"},
		{"histogram with buckets that are not defined", "buckets: few, ", "buckets: many, ", "metric voice.wait: buckets many are not defined"},
		{"counter with buckets", "instrument: histogram", "instrument: counter", "metric voice.wait: buckets on the instrument counter"},
		{"metric with a secret", metric, strings.Replace(metric, "voice.kind", "voice.secret", 1), "metric voice.wait: attribute voice.secret has too many values"},
		{"metric with an ID", metric, strings.Replace(metric, "voice.kind", "voice.call.id", 1), "metric voice.wait: attribute voice.call.id has too many values"},
		{"metric with a measurement", metric, strings.Replace(metric, "voice.kind", "voice.wait", 1), "metric voice.wait: attribute voice.wait has too many values"},
		{"bounds that fall", "few: [1, 2]", "few: [2, 1]", "buckets few: bound 1 does not follow 2"},
		{"bounds that are no numbers", "few: [1, 2]", "few: [1, .nan]", "buckets few: bound NaN is no number"},
		{"buckets without bounds", "few: [1, 2]", "few: []", "buckets few: no bounds"},
		{"buckets without metric", "few: [1, 2]", "few: [1, 2], more: [1]", "buckets more: no metric has them"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if !strings.Contains(base, tt.old) {
				t.Fatalf("the base has no %q", tt.old)
			}
			err := check(t, strings.Replace(base, tt.old, tt.new, 1))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got error %v, want one with %q", err, tt.want)
			}
		})
	}
}

// One run reports all mistakes.
func TestValidateReportsAllMistakes(t *testing.T) {
	err := check(t, strings.ReplaceAll(base, "source: house", "source: home"))
	if err == nil {
		t.Fatal("got no error")
	}
	if got, want := strings.Count(err.Error(), `source "home" is not defined`), strings.Count(base, "source: house"); got != want {
		t.Errorf("got %d mistakes, want %d:\n%v", got, want, err)
	}
}

func check(t *testing.T, text string) error {
	t.Helper()
	r, err := load(fstest.MapFS{"base.yaml": {Data: []byte(text)}})
	if err != nil {
		return err
	}
	return validate(r)
}
