// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonscan

import (
	"math/rand/v2"
	"testing"
	"unicode/utf8"
)

func TestRunesOfAnyBytes(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2)) // #nosec G404 -- the bytes are not secret.
	for range 1000 {
		p := make([]byte, random.IntN(40))
		want := 0
		for i := range p {
			p[i] = byte(random.Uint32())
			if utf8.RuneStart(p[i]) {
				want++
			}
		}
		if got := runes(p); got != want {
			t.Fatalf("%x has %d, want %d", p, got, want)
		}
	}
}

func BenchmarkRunes(b *testing.B) {
	p := make([]byte, 216)
	for b.Loop() {
		runes(p)
	}
}
