// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/redact"
)

// The throughput must not depend on the length of the line.
func BenchmarkLongLine(b *testing.B) {
	r := redact.New(redact.Default()...)
	for name, part := range map[string]string{
		"json":     `{"a":1},`,
		"secrets":  `{"email":"ada@example.com","token":"8f14e45fceea","n":1},`,
		"pairs":    "k=v;",
		"colons":   "12:30 ",
		"phones":   "+14155550123,",
		"urls":     "https://u:p@h/ ",
		"keys":     "sk-proj-abcd1234efgh5678ijkl9012mnop ",
		"flags":    "key=password ",
		"elements": "<password>",
		"emails":   "a@b.co ",
		"prefixes": "sk-",
		"digits":   " 0",
		"names":    "key=",
		"quotes":   `""auth:`,
	} {
		for _, size := range []int{16 << 10, 128 << 10} {
			text := strings.Repeat(part, size/len(part))
			b.Run(name+"/"+strconv.Itoa(size>>10)+"KiB", func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					r.String(text)
				}
			})
		}
	}
}
