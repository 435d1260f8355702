// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// A long name is cut between two characters, wherever the limit is.
func TestLongNamesAreCutBetweenCharacters(t *testing.T) {
	for length := 190; length <= 200; length++ {
		name := strings.Repeat("a", length) + "€𝄞" + strings.Repeat("é", 6000)
		quoted, err := json.Marshal(name)
		if err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprintf(`{"timestamp":"2026-03-04T10:00:00Z","level":"INFO","message":"turn completed","session_id":"s","turn_id":"t","module":"voice.turn",`+
			`"phase":"turn_end","duration_ms":10,"extra_data":{"voice.turn.outcome":%[1]s,"voice.turn.response_latency":1,"voice.%[2]s":1,"booking":%[1]s}}`+"\n"+
			`{"timestamp":"2026-03-04T10:00:00Z","level":"INFO","message":"table looked up","session_id":"s","extra_data":{"booking":%[1]s}}`+"\n",
			quoted, quoted[1:len(quoted)-1])
		for _, args := range [][]string{{"report", "--format", "json"}, {"check", "--json"}, {"tail"}} {
			var stdout, stderr strings.Builder
			run(args, strings.NewReader(text), &stdout, &stderr)
			out := stdout.String()
			if !strings.Contains(out, strings.Repeat("a", 180)) || strings.Contains(out, "\uFFFD") || strings.Contains(out, `\ufffd`) || strings.Contains(out, `\x`) {
				t.Errorf("%v, %d bytes before the first wide character:\n%s%s", args, length, out, stderr.String())
			}
		}
	}
}
