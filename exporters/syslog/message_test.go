// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package syslog

import (
	"regexp"
	"testing"
)

// grammar is the grammar of RFC 5424, section 6, as far as a regular expression can express it.
var grammar = regexp.MustCompile(`(?s)^<(?:\d|[1-9]\d|1[0-8]\d|19[01])>1 (?:-|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) [\x21-\x7e]{1,255} [\x21-\x7e]{1,48} [\x21-\x7e]{1,128} [\x21-\x7e]{1,32} ` +
	`(?:-|\[[\x21-\x3c\x3e-\x5b\x5e-\x7e]{1,32}(?: [\x21-\x3c\x3e-\x5b\x5e-\x7e]{1,32}="(?:[^"\\\]]|\\["\\\]])*")*\])(?: .*)?$`)

func FuzzMessage(f *testing.F) {
	f.Add([]byte(`{"timestamp":"2024-01-01T12:00:00.123Z","level":"ERROR","session_id":"a\"]\\","phase":"p q","process_id":-1}`))
	f.Add([]byte("\xff\n"))
	f.Add([]byte("{Z\":\"\"1"))
	frame, err := newFramer(Options{MaxMessageBytes: 8 << 10})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		if got := messageOf(&frame, line); !grammar.Match(got) || len(got) > 8<<10 {
			t.Errorf("%q became %q", line, got)
		}
	})
}
