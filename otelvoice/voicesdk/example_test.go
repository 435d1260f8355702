// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicesdk_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/redact"
)

// Call Setup at the start of main and Shutdown at its end.
func ExampleSetup() {
	ctx := context.Background()
	var lines bytes.Buffer
	tel, err := voicesdk.Setup(ctx,
		voicesdk.WithServiceName("concierge"),
		voicesdk.WithLogWriter(&lines), // In place of stdout.
		voicesdk.WithoutGlobals())      // An example leaves the globals as they are.
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, session := tel.StartSession(ctx, otelvoice.WithSessionID("call-1"))
	tel.Logger("booking").InfoContext(ctx, "table booked", "guests", 4)
	session.End()
	if err := tel.Shutdown(ctx); err != nil {
		fmt.Println(err)
	}
	for text := range bytes.Lines(lines.Bytes()) {
		var line struct {
			Level, Module, Message string
			Session                string `json:"session_id"`
		}
		fmt.Println(json.Unmarshal(text, &line), line.Level, line.Module, line.Message, line.Session)
	}
	// Output:
	// <nil> INFO booking table booked call-1
	// <nil> INFO voice.session session ended call-1
}

func ExampleSDK_Health() {
	tel := setup(voicesdk.WithoutConsole())
	defer func() { _ = tel.Shutdown(context.Background()) }()
	ctx, session := tel.StartSession(context.Background())
	session.OnTurn(func(*otelvoice.Turn) func() { return func() { panic("in the program's observer") } })
	_, turn := session.StartTurn(ctx)
	turn.End()
	health := tel.Health()
	fmt.Println("delivering:", health.Delivering(), "lost:", health.Lost(), "panics:", health.Panics)
	// Output: delivering: true lost: 0 panics: 1
}

func ExampleSDK_MetricsHandler() {
	tel := setup(voicesdk.WithoutConsole(), voicesdk.WithPrometheus())
	defer func() { _ = tel.Shutdown(context.Background()) }()
	_, session := tel.StartSession(context.Background())
	session.End()
	w := httptest.NewRecorder()
	tel.MetricsHandler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody))
	for line := range strings.Lines(w.Body.String()) {
		if strings.HasPrefix(line, "# TYPE voice_session_duration") {
			fmt.Print(line)
		}
	}
	// Output: # TYPE voice_session_duration_seconds histogram
}

func ExampleSDK_SetLevel() {
	tel := setup(voicesdk.WithoutConsole())
	defer func() { _ = tel.Shutdown(context.Background()) }()
	fmt.Println(tel.SetLevel(slog.LevelWarn), tel.SetLevel(slog.LevelDebug, "voice.stt"))
	fmt.Println(tel.Levels())
	tel.ResetLevel("voice.stt")
	fmt.Println(tel.Levels())
	// Output:
	// <nil> <nil>
	// WARN map[voice.stt:DEBUG]
	// WARN map[]
}

func ExampleSDK_Config() {
	env := map[string]string{"LOG_LEVEL": "warn"}
	tel := setup(voicesdk.WithoutConsole(),
		voicesdk.WithLookupEnv(func(name string) (string, bool) { value, ok := env[name]; return value, ok }))
	defer func() { _ = tel.Shutdown(context.Background()) }()
	level, _ := tel.Config().Get("level")
	fmt.Println(level.Value, level.Origin, level.Place)
	// Output: WARN environment LOG_LEVEL
}

func ExampleWithRedaction() {
	var lines bytes.Buffer
	tel := setup(voicesdk.WithLogWriter(&lines), voicesdk.WithRedaction(redact.Keys("patient_id")))
	defer func() { _ = tel.Shutdown(context.Background()) }()
	tel.Logger("booking").Info("mail to jane@example.com", "patient_id", "p-4711")
	var line struct {
		Message string
		Extra   map[string]any `json:"extra_data"`
	}
	fmt.Println(json.Unmarshal(lines.Bytes(), &line), line.Message, line.Extra)
	// Output: <nil> mail to [REDACTED:email] map[patient_id:[REDACTED]]
}

func ExampleWithInstrumentation() {
	spans := tracetest.NewSpanRecorder()
	tel := setup(voicesdk.WithoutConsole(), voicesdk.WithSpanProcessor(spans),
		voicesdk.WithInstrumentation(otelvoice.WithContentCapture()))
	defer func() { _ = tel.Shutdown(context.Background()) }()
	ctx, session := tel.StartSession(context.Background())
	ctx, turn := session.StartTurn(ctx)
	_, tts := turn.StartTTS(ctx, sonic3)
	tts.AddText("We open at nine.")
	tts.End(nil)
	session.End()
	for _, kv := range spans.Ended()[0].Attributes() {
		if kv.Value.Type() == attribute.STRING && strings.Contains(kv.Value.AsString(), "nine") {
			fmt.Println(kv.Value.AsString())
		}
	}
	// Output: We open at nine.
}

// RatioSampler keeps a tenth of the traces; a caller's sampling decision takes precedence.
func ExampleRatioSampler() {
	sampler := sdktrace.ParentBased(voicesdk.RatioSampler(.1))
	tel := setup(voicesdk.WithoutConsole(), voicesdk.WithSampler(sampler))
	defer func() { _ = tel.Shutdown(context.Background()) }()
	fmt.Println(strings.HasPrefix(sampler.Description(), "ParentBased"))
	// Output: true
}
