// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/redact"
)

// testInJSON puts texts into a field of a JSON object. The output must be valid JSON with the next field unchanged.
func testInJSON(t *testing.T, texts []string) {
	t.Helper()
	r := redact.New(redact.Default()...)
	for _, marked := range texts {
		text, _ := secretWords(marked)
		member, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		in := `{"m":` + string(member) + `,"n":3}`
		out := r.String(in)
		if !json.Valid([]byte(out)) || !strings.HasSuffix(out, `"n":3}`) {
			t.Errorf("\n in %s\nout %s", in, out)
		}
	}
}

func TestJSONStaysValid(t *testing.T) {
	for _, table := range [][]textGroup{
		secretsInLanguages, secretsInFiles, secretsInNames, secretsInValues, secretsInDisguise, secretsOfVendors, secretsInAddresses, secretsInPhones, secretsInNesting,
		harmlessProse, harmlessNumbers, harmlessIDs, harmlessAddresses, harmlessErrors, harmlessTools,
		miscSecrets, miscHarmless,
	} {
		for _, group := range table {
			t.Run(group.name, func(t *testing.T) {
				testInJSON(t, group.texts)
			})
		}
	}
}
