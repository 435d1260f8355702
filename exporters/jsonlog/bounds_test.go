// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonlog_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/exporters/jsonlog"
)

func TestLongTextIsCut(t *testing.T) {
	opts := jsonlog.Options{ProcessID: 1234, MaxMessageBytes: 10}
	long := strings.Repeat("ü", 50)
	const cut = `"üüüüü…(+90 bytes)"`
	r := record(long,
		attribute.String("session.id", long),
		attribute.String("text", long),
		attribute.StringSlice("texts", []string{long}),
		group("group", attribute.String("text", long)),
		attribute.String(long, "key"),
		attribute.String("exception.stacktrace", long))
	r.SetErr(errors.New(long))
	compare(t, lineWith(t, t.Context(), opts, r),
		`{"timestamp":"2024-01-01T12:00:00.000Z","level":"INFO","message":`+cut+`,"session_id":`+cut+
			`,"module":"voice.stt","process_id":1234,"extra_data":{"text":`+cut+`,"texts":[`+cut+`],"group":{"text":`+cut+`},`+cut+`:"key"}`+
			`,"exception":{"type":"*errors.errorString","message":`+cut+`,"stacktrace":`+cut+`}}`)
}

func TestDefaultBound(t *testing.T) {
	for _, limit := range []int{0, -1} {
		t.Run(fmt.Sprint(limit), func(t *testing.T) {
			got := lineWith(t, t.Context(), jsonlog.Options{MaxMessageBytes: limit}, record(strings.Repeat("x", 10<<20)))
			if len(got) < 64<<10 || len(got) > 64<<10+256 {
				t.Errorf("a message of 10 MiB became a line of %d bytes, want about 64 KiB", len(got))
			}
			if !strings.Contains(got, `x…(+10420224 bytes)"`) {
				t.Errorf("the note about the cut text is missing: …%s", got[64<<10:])
			}
		})
	}
}

func TestManyAttributesAreAllWritten(t *testing.T) {
	const n = 10_000
	attrs := make([]attribute.KeyValue, n)
	for i := range attrs {
		attrs[i] = attribute.Int(fmt.Sprintf("attribute_%d", i), i)
	}
	var got struct {
		Extra map[string]int `json:"extra_data"`
	}
	if err := json.Unmarshal([]byte(line(t, t.Context(), record("m", attrs...))), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Extra) != n || got.Extra["attribute_9999"] != 9999 {
		t.Errorf("got %d attributes, want %d", len(got.Extra), n)
	}
}

func TestExtraDataIsBounded(t *testing.T) {
	attrs := make([]attribute.KeyValue, 10_000)
	text := strings.Repeat("x", 60<<10)
	for i := range attrs {
		attrs[i] = attribute.String(fmt.Sprintf("attribute_%d", i), text)
	}
	got := line(t, t.Context(), record("m", attrs...))
	if most := 1<<20 + 64<<10; len(got) > most {
		t.Errorf("600 MB of attributes became a line of %d bytes, want at most %d", len(got), most)
	}
	if want := `,"attribute_18":"…(+9982 more)"}}`; !strings.HasSuffix(got, want) {
		t.Errorf("got …%s, want …%s", got[len(got)-50:], want)
	}
}
