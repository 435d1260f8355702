// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package wer_test

import (
	"fmt"

	"github.com/voice-agents/telemetry/otelvoice/voicetest/wer"
)

func ExampleWords() {
	r := wer.Words("I'd like a table for four, please.", "I'd like table for five please")
	rate, _ := r.Rate()
	fmt.Printf("%.3f: %d substitutions, %d deletions, %d insertions\n", rate, r.Substitutions, r.Deletions, r.Insertions)
	for _, e := range r.Alignment {
		if e.Op != wer.Hit {
			fmt.Printf("%s %q %q\n", e.Op, e.Reference, e.Hypothesis)
		}
	}
	// Output:
	// 0.286: 1 substitutions, 1 deletions, 0 insertions
	// D "a" ""
	// S "four" "five"
}

func ExampleCharacters() {
	r := wer.Characters("我想预订一张桌子", "我想预定一张桌子")
	rate, _ := r.Rate()
	fmt.Println(rate)
	// Output: 0.125
}

func ExampleResult_Add() {
	var corpus wer.Result
	for _, pair := range [][2]string{
		{"hello world", "hello duck"},
		{"i like monty python", "i like python"},
	} {
		corpus = corpus.Add(wer.Words(pair[0], pair[1]))
	}
	rate, _ := corpus.Rate()
	fmt.Printf("%.3f\n", rate)
	// Output: 0.333
}
