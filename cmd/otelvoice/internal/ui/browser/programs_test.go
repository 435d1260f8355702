// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package browser

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// work is a directory for the programs that tests build. TestMain removes it.
var work string

// programs builds the viewer and the example agent, once for all tests.
var programs = sync.OnceValue(func() error {
	cmd := filepath.Join("..", "..", "..")
	for name, build := range map[string][2]string{"otelvoice": {cmd, "."}, "voiceagent": {filepath.Join(cmd, "..", ".."), "./examples/voiceagent"}} {
		out, err := exec.Command("go", "-C", build[0], "build", "-o", filepath.Join(work, name), build[1]).CombinedOutput()
		if err != nil {
			return fmt.Errorf("build %s: %w\n%s", name, err, out)
		}
	}
	return nil
})

// A running is a program that a test started.
type running struct {
	*exec.Cmd
	stderr bytes.Buffer
}

// command returns a program that tests build, which is interrupted at the end of the test.
func command(t *testing.T, name string, args ...string) *running {
	t.Helper()
	if browser == nil {
		t.Skip("chromium is not installed: apt-get install chromium")
	}
	if err := programs(); err != nil {
		t.Fatal(err)
	}
	r := &running{Cmd: exec.CommandContext(t.Context(), filepath.Join(work, name), args...)}
	r.Cancel = func() error { return r.Process.Signal(os.Interrupt) } // t.Context ends before the cleanups.
	r.Stderr = &r.stderr
	return r
}

var addresses = regexp.MustCompile(`http://\S+`)

// view runs otelvoice view on free ports. It returns the addresses of its pages and of its receiver, which is "" if
// the arguments name files.
func view(t *testing.T, args ...string) (pages, endpoint string) {
	t.Helper()
	viewer := command(t, "otelvoice", append([]string{"view", "-port", "0", "-otlp-http", "0", "-otlp-grpc", "-1"}, args...)...)
	stdout, err := viewer.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := viewer.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := viewer.Wait(); err != nil && t.Context().Err() == nil {
			t.Errorf("the viewer ended with %v\n%s", err, &viewer.stderr)
		}
	})
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		address := addresses.FindString(lines.Text())
		if pages != "" {
			return pages, address
		}
		if pages = address; len(args) > 0 && strings.HasSuffix(args[len(args)-1], ".gz") {
			return pages, ""
		}
	}
	t.Fatalf("the viewer did not say where it is:\n%s", &viewer.stderr)
	return "", ""
}

// A talk is a call as the log of the agent has it. The log does not pass through the viewer.
type talk struct {
	session, correlation, trace string
	turns                       []exchange
	llm                         []stage
}

// An exchange is a turn in the log. latency is 0 if the log has none.
type exchange struct {
	index    int
	latency  float64
	segments map[string]float64
	outcome  string
}

// A stage is a request to a model in the log.
type stage struct {
	span, request string
	duration      float64
	input, output int
	turn          string
}

// call runs the agent until its calls have ended, and returns those.
func call(t *testing.T, endpoint string, env []string, args ...string) []talk {
	t.Helper()
	agent := command(t, "voiceagent", args...)
	agent.Env = append(append(os.Environ(), "OTEL_EXPORTER_OTLP_ENDPOINT="+endpoint), env...)
	out, err := agent.Output()
	if err != nil {
		t.Fatalf("the agent ended with %v\n%s", err, &agent.stderr)
	}
	return talks(t, bytes.NewReader(out))
}

// talks reads the log of the agent.
func talks(t *testing.T, log io.Reader) (all []talk) {
	t.Helper()
	bySession := make(map[string]*talk)
	var order []string
	for d := json.NewDecoder(log); ; {
		var line struct {
			Message     string
			Span        string  `json:"span_id"`
			Session     string  `json:"session_id"`
			Correlation string  `json:"correlation_id"`
			Trace       string  `json:"trace_id"`
			Turn        string  `json:"turn_id"`
			Duration    float64 `json:"duration_ms"`
			Extra       object  `json:"extra_data"`
		}
		if err := d.Decode(&line); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if line.Session == "" {
			continue
		}
		of := bySession[line.Session]
		if of == nil {
			of = &talk{session: line.Session, correlation: line.Correlation, trace: line.Trace}
			bySession[line.Session] = of
			order = append(order, line.Session)
		}
		number := func(name string) float64 { v, _ := line.Extra[name].(float64); return v }
		switch line.Message {
		case "turn completed", "turn interrupted":
			e := exchange{index: int(number("voice.turn.index")), latency: number("voice.turn.response_latency"), segments: make(map[string]float64)}
			e.outcome, _ = line.Extra["voice.turn.outcome"].(string)
			for name := range line.Extra {
				if segment, ok := strings.CutPrefix(name, "voice.turn.segment."); ok {
					e.segments[segment] = number(name)
				}
			}
			of.turns = append(of.turns, e)
		case "llm completed":
			s := stage{span: line.Span, duration: line.Duration / 1000, input: int(number("gen_ai.usage.input_tokens")), output: int(number("gen_ai.usage.output_tokens")), turn: line.Turn}
			if ids, _ := line.Extra["voice.provider.request_ids"].([]any); len(ids) > 0 {
				s.request, _ = ids[0].(string)
			}
			of.llm = append(of.llm, s)
		}
	}
	for _, session := range order {
		all = append(all, *bySession[session])
		slices.SortFunc(all[len(all)-1].turns, func(a, b exchange) int { return a.index - b.index })
	}
	return all
}

// latenciesOf returns the response latencies of the turns with some outcomes, in seconds, the smallest first.
func latenciesOf(calls []talk, outcomes ...string) (all []float64) {
	for _, c := range calls {
		for _, e := range c.turns {
			if e.latency > 0 && slices.Contains(outcomes, e.outcome) {
				all = append(all, e.latency)
			}
		}
	}
	slices.Sort(all)
	return all
}

// shown returns a duration as the pages write it.
func shown(seconds float64) string {
	switch {
	case seconds == 0:
		return "0 ms"
	case seconds < 0.001:
		return fmt.Sprintf("%.2f ms", seconds*1000)
	case seconds < 0.9995:
		return fmt.Sprintf("%.0f ms", seconds*1000)
	case seconds < 9.995:
		return fmt.Sprintf("%.2f s", seconds)
	}
	return fmt.Sprintf("%.1f s", seconds)
}
