// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package protojson_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/protojson"
)

func ExampleFields() {
	for _, f := range protojson.Fields(jsonscan.Field{Path: "realtimeInput.audio.mimeType"}) {
		fmt.Println(f.Path)
	}
	// Output:
	// realtimeInput.audio.mimeType
	// realtime_input.audio.mimeType
	// realtimeInput.audio.mime_type
	// realtime_input.audio.mime_type
}

func TestFields(t *testing.T) {
	for _, tt := range []struct {
		path string
		want []string
	}{
		{"error", []string{"error"}},
		{"error.code", []string{"error.code"}},
		{"parts.*.text", []string{"parts.*.text"}},
		{"usageMetadata.*", []string{"usageMetadata.*", "usage_metadata.*"}},
		{"", []string{""}},
	} {
		var got []string
		for _, f := range protojson.Fields(jsonscan.Field{Path: tt.path, ID: 7, Mode: jsonscan.Pieces}) {
			if f.ID != 7 || f.Mode != jsonscan.Pieces {
				t.Errorf("%s: the field is %+v", tt.path, f)
			}
			got = append(got, f.Path)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.path, got, tt.want)
		}
	}
}
