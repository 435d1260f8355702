// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// With -view the program shows its calls until it is interrupted, as a user interrupts it. It ends with 0 then, and
// nothing of it remains.
func TestView(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot be interrupted")
	}
	dir := t.TempDir()
	program := filepath.Join(dir, "voiceagent")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute) // The viewer is built.
	defer cancel()
	agent := exec.CommandContext(ctx, program, "-view", "-speed", "20", "-calls", "1", "-turns", "2")
	// The address of a collector in the environment is not where -view sends.
	agent.Env = append(os.Environ(), "TMPDIR="+dir, "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1", "OTEL_TRACES_EXPORTER=none")
	var stdout bytes.Buffer
	agent.Stdout = &stdout
	stderr, err := agent.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := agent.Start(); err != nil {
		t.Fatal(err)
	}
	pages, said := untilShown(t, stderr)
	if pages == "" {
		t.Fatalf("no address was printed:\n%s\n%v", said, agent.Wait())
	}

	shown := shownAt(ctx, t, pages)
	if page := get(ctx, t, pages); !bytes.Contains(page, []byte("<title>")) {
		t.Errorf("%s has %.500q", pages, page)
	}

	if err := agent.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(stderr)
	if err != nil {
		t.Fatal(err)
	}
	if err := agent.Wait(); err != nil || len(rest) > 0 {
		t.Errorf("the program ended with %v\n%s%s", err, said, rest)
	}
	for _, line := range parseLines(t, stdout.Bytes()) {
		if line.fields["message"] == "session ended" && line.fields["session_id"] != shown {
			t.Errorf("the viewer has the call %s, the log has %v", shown, line.fields["session_id"])
		}
	}
	if _, err := request(ctx, pages); err == nil {
		t.Errorf("the viewer still answers at %s", pages)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "otelvoice-view-*")); err != nil || len(left) > 0 {
		t.Errorf("%q were left (%v)", left, err)
	}
}

// untilShown reads what the program says until the calls have ended. It returns the address of the pages.
func untilShown(t *testing.T, stderr io.Reader) (pages, said string) {
	t.Helper()
	// The scanner must not read further than its lines: a reader of one byte at a time.
	for lines := bufio.NewScanner(oneByte{stderr}); lines.Scan(); {
		said += lines.Text() + "\n"
		if after, ok := strings.CutPrefix(lines.Text(), "The calls are at "); ok {
			if address, ends := strings.CutSuffix(after, " until Ctrl-C."); ends {
				return address, said
			}
		}
	}
	return "", said
}

// shownAt waits until the viewer has the whole call, and returns its ID.
func shownAt(ctx context.Context, t *testing.T, pages string) string {
	t.Helper()
	var list struct {
		Calls []struct {
			ID       string
			Turns    int
			Duration float64 // Of a call that has ended.
		}
	}
	for again := time.NewTicker(50 * time.Millisecond); ; {
		if err := json.Unmarshal(get(ctx, t, pages+"/api/calls"), &list); err != nil {
			t.Fatal(err)
		}
		if len(list.Calls) == 1 && list.Calls[0].Turns == 3 && list.Calls[0].Duration > 0 {
			return list.Calls[0].ID
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatalf("the viewer has %+v, want a call of 3 turns", list.Calls)
		}
	}
}

type oneByte struct{ r io.Reader }

func (o oneByte) Read(p []byte) (int, error) { return o.r.Read(p[:1]) }

func request(ctx context.Context, url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, err
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	return io.ReadAll(res.Body)
}

func get(ctx context.Context, t *testing.T, url string) []byte {
	t.Helper()
	body, err := request(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	return body
}
