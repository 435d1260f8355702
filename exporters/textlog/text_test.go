// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package textlog_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/exporters/textlog"
)

const head = `{"timestamp":"2024-01-01T12:00:00.000Z","level":"INFO","message":"m",`

func TestLines(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{
			"all of it", `{"timestamp":"2024-01-01T12:00:00.000Z","level":"INFO","message":"STT processing completed",` +
				`"correlation_id":"550e8400-e29b-41d4-a716-446655440000","trace_id":"550e8400e29b41d4a716446655440000","span_id":"a1b2c3d4e5f60718",` +
				`"session_id":"sess_1","component":"whisper","module":"voice.stt","function":"main.f","line_number":145,"file_path":"/app/stt/whisper.go",` +
				`"process_id":1,"thread_id":2,"stage":"stt","duration_ms":150,"extra_data":{"confidence":0.95,"audio":{"codec":"pcm"},"list":[1,"a"]},` +
				`"performance_metrics":{"duration_ms":150,"success":true}}`,
			"12:00:00.000 INFO  voice.stt        STT processing completed  component=whisper stage=stt duration_ms=150 confidence=0.95 audio.codec=pcm " +
				`list="[1,\"a\"]" success=true  correlation_id=550e8400-e29b-41d4-a716-446655440000 span_id=a1b2c3d4e5f60718 session_id=sess_1 at=whisper.go:145`,
		},
		{
			"another trace", head + `"correlation_id":"order-42","trace_id":"3bf8b157c4238eefe5ae4a66eca81c6b","module":"m"}`,
			"12:00:00.000 INFO  m                m  correlation_id=order-42 trace_id=3bf8b157c4238eefe5ae4a66eca81c6b",
		},
		{
			"error", `{"timestamp":"2024-01-01T12:00:00.000Z","level":"ERROR","message":"m","module":"a.very.long.module.name","exception":{"type":"*net.OpError",` +
				`"message":"refused","chain":["a: b"],"stacktrace":"main.run()\n\t/app/main.go:38 +0x1d\nmain.main()\n\t/app/main.go:20\n"}}`,
			`12:00:00.000 ERROR a.very.long.module.name m  error="*net.OpError: refused" caused_by="[\"a: b\"]" stack="main.run main.go:38 < main.main main.go:20"`,
		},
		{
			"method in the stack", head + `"module":"m","exception":{"type":"E","message":"e","stacktrace":"a/agent.(*Agent).Think(0x1, {0x2, 0x3})\n\t/app/agent.go:7 +0x1d\nagent.run[...](...)\n\t/app/run.go:9\ncreated by agent.Start in goroutine 7\n\t/app/run.go:5\n"}}`,
			`12:00:00.000 INFO  m                m  error="E: e" stack="agent.(*Agent).Think agent.go:7 < agent.run[...] run.go:9 < created by agent.Start in goroutine 7 run.go:5"`,
		},
		{"forged line", head + `"module":"m\n","extra_data":{"k\u001b":"a\nb","empty":""}}`, `12:00:00.000 INFO  m\n               m  k\x1b=a\nb`},
		{"level between", `{"timestamp":"x","level":"DEBUG+1","message":"","module":"m"}`, `x            DEBUG+1 m                `},
		{"no JSON", "panic: \x1b[31mboom", `panic: \x1b[31mboom`},
		{"half a line", head, strings.TrimSuffix(head, "")},
		{"quotes", head + `"module":"m","extra_data":{"a":"x y","b":"x=y","c":"\"","d":"ü"}}`, `12:00:00.000 INFO  m                m  a="x y" b="x=y" c="\"" d=ü`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := string(textlog.Append(nil, []byte(tt.in+"\n"), textlog.Options{Location: time.UTC}))
			if got != tt.want+"\n" {
				t.Errorf("got  %swant %s", got, tt.want)
			}
		})
	}
}

func TestColors(t *testing.T) {
	got := string(textlog.Append(nil, []byte(head+`"module":"m","stage":"stt","span_id":"a"}`), textlog.Options{Colors: true, Location: time.UTC}))
	want := "\x1b[2m12:00:00.000\x1b[0m \x1b[32mINFO \x1b[0m \x1b[36mm               \x1b[0m m  \x1b[34mstage=\x1b[0mstt  \x1b[2mspan_id=a\x1b[0m\n"
	if got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestColorsFor(t *testing.T) {
	null, err := os.Open(os.DevNull) // A device, as a terminal is.
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	for _, tt := range []struct {
		name, variable, value string
		want                  bool
	}{
		{"nothing set", "", "", true},
		{"NO_COLOR", "NO_COLOR", "1", false},
		{"empty NO_COLOR", "NO_COLOR", "", true},
		{"dumb terminal", "TERM", "dumb", false},
		{"other terminal", "TERM", "xterm", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			lookup := func(name string) (string, bool) {
				if name != tt.variable {
					return "", false
				}
				return tt.value, true
			}
			if got := textlog.ColorsFor(null, lookup); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
			if textlog.ColorsFor(&bytes.Buffer{}, lookup) {
				t.Error("a buffer is no terminal")
			}
		})
	}
}

type failing struct{ short bool }

func (f failing) Write(p []byte) (int, error) {
	if f.short {
		return len(p) - 1, nil
	}
	return 0, errors.New("full")
}

func TestFailingWriter(t *testing.T) {
	for _, w := range []failing{{false}, {true}} {
		if n, err := textlog.NewWriter(w, nil).Write([]byte("{}\n")); n != 0 || err == nil {
			t.Errorf("%+v: %d, %v", w, n, err)
		}
	}
}

// torn takes only part of the first line.
type torn struct{ bytes.Buffer }

func (w *torn) Write(p []byte) (int, error) {
	if w.Len() > 0 {
		return w.Buffer.Write(p)
	}
	n, _ := w.Buffer.Write(p[:1])
	return n, errors.New("full")
}

// Half a line is lost to the reader; the next one is not.
func TestLineAfterATornOne(t *testing.T) {
	var out torn
	w := textlog.NewWriter(&out, nil)
	for i, want := range []int{0, 3, 3} {
		if n, _ := io.WriteString(w, "no\n"); i > 0 && n != want {
			t.Errorf("write %d: got %d, want %d", i, n, want)
		}
	}
	if _, err := io.WriteString(w, head+`"module":"m"}`+"\n"); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Split(out.String(), "\n"); len(lines) < 4 || lines[1] != "no" || lines[2] != "no" || !strings.Contains(lines[3], "INFO  m") {
		t.Errorf("got %q", lines)
	}
}

func ExampleNewWriter() {
	w := textlog.NewWriter(os.Stdout, &textlog.Options{Location: time.UTC})
	fmt.Fprintln(w, `{"timestamp":"2024-01-01T12:00:00.000Z","level":"WARN","message":"much noise","module":"voice.stt","extra_data":{"snr_db":4.5}}`)
	// Output: 12:00:00.000 WARN  voice.stt        much noise  snr_db=4.5
}

func FuzzAppend(f *testing.F) {
	f.Add([]byte(head + `"module":"m","extra_data":{"a":{"b":[1,{"c":null}]}}}`))
	f.Add([]byte("{\"a\":\x1b}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		checkText(t, data, string(textlog.Append(nil, data, textlog.Options{})))
	})
}

func BenchmarkAppend(b *testing.B) {
	line, err := json.Marshal(map[string]any{"timestamp": "2024-01-01T12:00:00.000Z", "level": "INFO", "message": "m", "module": "m", "extra_data": map[string]any{"a": 1, "b": "c"}})
	if err != nil {
		b.Fatal(err)
	}
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		dst = textlog.Append(dst[:0], line, textlog.Options{})
	}
}
