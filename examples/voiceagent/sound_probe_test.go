package main
import ("testing";"bytes";"os";"path/filepath";"net/http"
"github.com/voice-agents/telemetry/examples/voiceagent/agent"
"github.com/voice-agents/telemetry/otelvoice/voicetest"
"github.com/voice-agents/telemetry/otelvoice/voicetest/recording"
"github.com/voice-agents/telemetry/semconv"
"time"
)
var _ = agent.Agent{}
var _ = http.StatusOK
func TestProbe(t *testing.T) {
	dir := t.TempDir()
	tel, rec := voicetest.Setup(t)
	cfg, err := parse([]string{"-speed","1","-calls","4","-concurrency","4","-turns","5"}, variables(), os.Stderr)
	if err != nil { t.Fatal(err) }
	cfg.recordings = dir
	_, err = simulate(t.Context(), tel.Telemetry, cfg)
	if err != nil { t.Fatal(err) }
	files, _ := filepath.Glob(dir+"/*.wav")
	for _, f := range files {
		id := filepath.Base(f); id = id[:len(id)-4]
		var start time.Time
		for _, s := range rec.Named(semconv.SpanVoiceSession) {
			var a, b string
			for _, kv := range s.Attributes() { if kv.Key == semconv.SessionIDKey { a = kv.Value.AsString() }; if kv.Key == semconv.VoiceRecordingStartKey { b = kv.Value.AsString() } }
			if a == id { start, _ = time.Parse(time.RFC3339Nano, b) }
		}
		wav, _ := os.ReadFile(f)
		sound, err := recording.Measure(bytes.NewReader(wav))
		if err != nil { t.Fatal(err) }
		r, err := recording.Compare(rec.Turns(id), sound, start)
		if err != nil { t.Fatal(err) }
		t.Logf("%s\n%s\n%v %v", f, r, sound.User, sound.Agent)
	}
}
