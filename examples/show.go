// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// An example is a program and a check of its output.
type example struct {
	name  string
	args  []string
	about string
	// show returns sentences with what was found in the output. It returns an error if
	// something was not found.
	show func(result) ([]string, error)
}

func all() []example {
	return []example{
		{name: "quickstart", about: "one turn, with the least code", show: quickstart},
		{name: "logging", about: "structured logging outside of a call", show: logging},
		{name: "correlation", about: "one correlation ID through two services", show: correlation},
		{name: "middleware", about: "an HTTP service with its telemetry in one line", show: middleware},
		{name: "performance", about: "timing of functions and of other work", show: performance},
		{name: "recovery", about: "errors in the log, and how the program recovered", show: recovery},
		{name: "pipeline", about: "audio in, spoken answers out, and the latency of each step", show: pipeline},
		{name: "voiceagent", args: []string{"-calls", "1", "-turns", "2", "-speed", "20"}, about: "a voice agent, its caller and its providers", show: pipeline},
	}
}

// find returns the first log line with a message.
func (r result) find(message string) (line, error) {
	for _, l := range r.lines {
		if l.Message == message {
			return l, nil
		}
	}
	return line{}, fmt.Errorf("no log line has the message %q", message)
}

// without returns an error if a text is anywhere in the log lines.
func (r result) without(texts ...string) error {
	for _, l := range r.lines {
		all, err := json.Marshal(l)
		if err != nil {
			return err
		}
		for _, text := range texts {
			if strings.Contains(string(all), text) {
				return fmt.Errorf("log line %q contains %q", l.Message, text)
			}
		}
	}
	return nil
}

func quickstart(r result) ([]string, error) {
	heard, err := r.find("question transcribed")
	if err != nil {
		return nil, err
	}
	for _, message := range []string{"stt completed", "llm completed", "tts completed", "turn completed", "session ended"} {
		l, err := r.find(message)
		if err != nil {
			return nil, err
		}
		if l.Correlation != heard.Correlation || l.Correlation == "" {
			return nil, fmt.Errorf("the line %q has correlation_id %q, the program's own line has %q", message, l.Correlation, heard.Correlation)
		}
	}
	return []string{"the program's own line and those of stages, turn and session have correlation_id " + heard.Correlation}, nil
}

func logging(r result) ([]string, error) {
	seen, err := r.find("seen now")
	if err != nil {
		return nil, err
	}
	spoken, err := r.find("spoken")
	if err != nil {
		return nil, err
	}
	noise, err := r.find("high noise level")
	if err != nil {
		return nil, err
	}
	audio, _ := spoken.Extra["audio"].(map[string]any)
	if seen.Level != "DEBUG" || noise.Correlation == "" || audio["size_bytes"] == nil {
		return nil, fmt.Errorf("got %v, %v and %v", seen, noise, spoken)
	}
	return []string{
		"the level of " + seen.Module + " changed while the program ran: only its DEBUG line was logged",
		fmt.Sprintf("audio is logged as its size, %v bytes, and a password as %v", audio["size_bytes"], spoken.Extra["password"]),
		"a log line inside a session has its IDs: correlation_id " + noise.Correlation,
	}, r.without("not seen", "correct horse")
}

func correlation(r result) ([]string, error) {
	processes := make(map[int]int)
	for _, l := range r.lines {
		processes[l.Process]++
		if l.Correlation != r.lines[0].Correlation || l.Correlation == "" {
			return nil, fmt.Errorf("log line %q has correlation_id %q, another has %q", l.Message, l.Correlation, r.lines[0].Correlation)
		}
	}
	if len(processes) != 2 {
		return nil, fmt.Errorf("log lines of %d processes, want 2", len(processes))
	}
	return []string{fmt.Sprintf("all %d log lines of both processes have correlation_id %s", len(r.lines), r.lines[0].Correlation)}, nil
}

func middleware(r result) ([]string, error) {
	answered := 0
	for _, l := range r.lines {
		if l.Phase == "request_end" {
			answered++
		}
	}
	panicked, err := r.find("request handler panicked")
	if err != nil {
		return nil, err
	}
	if answered < 3 || panicked.Level != "ERROR" || panicked.Exception["stacktrace"] == nil {
		return nil, fmt.Errorf("%d answered, %v", answered, panicked)
	}
	return []string{
		fmt.Sprintf("%d requests have the correlation_id of their client, %s; /health is not logged", answered, panicked.Correlation),
		fmt.Sprintf("a panic of a handler is logged as %s with its stack trace: %v", panicked.Level, panicked.Exception["message"]),
		"tokens, keys and phone numbers in headers and bodies are redacted",
	}, r.without("/health", "0123456789abcdef", "4155550123")
}

func performance(r result) ([]string, error) {
	menu, err := r.find("load menu completed")
	if err != nil {
		return nil, err
	}
	resample, err := r.find("resample")
	if err != nil {
		return nil, err
	}
	if menu.Figures["success"] != true || resample.Figures["throughput_bytes_per_second"] == nil || !strings.Contains(r.stderr, "voice.operation.duration") {
		return nil, fmt.Errorf("got %v and %v", menu, resample)
	}
	return []string{
		fmt.Sprintf("the operation \"load menu\" took %v ms, in its log line, its span and a histogram", menu.Figures["duration_ms"]),
		fmt.Sprintf("resampling had a throughput of %.0f bytes/s", resample.Figures["throughput_bytes_per_second"]),
	}, r.without("t0p-s3cret")
}

func recovery(r result) ([]string, error) {
	var actions []string
	for _, l := range r.lines {
		if action, ok := l.Extra["recovery_action"].(string); ok {
			actions = append(actions, action)
		}
	}
	failed, err := r.find("synthesis failed")
	if err != nil {
		return nil, err
	}
	turn, err := r.find("turn completed")
	if err != nil {
		return nil, err
	}
	if !slices.Equal(actions, []string{"retry", "fallback", "default"}) || turn.Level != "INFO" {
		return nil, fmt.Errorf("the recovery actions are %q, the turn ended with level %s", actions, turn.Level)
	}
	return []string{
		fmt.Sprintf("an error has its code, %v, its message, %q, and its stack trace", failed.Extra["error_code"], failed.Exception["message"]),
		"recovery actions: " + strings.Join(actions, ", ") + "; the turn completed",
	}, nil
}

func pipeline(r result) ([]string, error) {
	stages := make(map[string]int)
	var answered []line
	for _, l := range r.lines {
		switch l.Phase {
		case "stage_end":
			stages[l.Stage]++
		case "turn_end":
			if _, ok := l.Figures["response_latency_ms"].(float64); ok {
				answered = append(answered, l)
			}
		}
	}
	if len(answered) == 0 || stages["stt"] == 0 || stages["llm"] == 0 || stages["tts"] == 0 {
		return nil, fmt.Errorf("%d answered turns, stages %v", len(answered), stages)
	}
	slowest := slices.MaxFunc(answered, func(a, b line) int { return cmp.Compare(a.waited(), b.waited()) })
	var longest string
	for key := range slowest.Extra {
		name, ok := strings.CutPrefix(key, "voice.turn.segment.")
		if ok && (longest == "" || slowest.segment(name) > slowest.segment(longest)) {
			longest = name
		}
	}
	return []string{
		fmt.Sprintf("%d answered turns, with %d stages of speech recognition, %d of the model, %d of tools, %d of synthesis",
			len(answered), stages["stt"], stages["llm"], stages["tool"], stages["tts"]),
		fmt.Sprintf("the longest wait was %.0f ms, %.0f ms of it %s", slowest.waited(), slowest.segment(longest)*1000, longest),
	}, nil
}

// waited returns the response latency of a turn in milliseconds, or 0.
func (l line) waited() float64 {
	wait, _ := l.Figures["response_latency_ms"].(float64)
	return wait
}

// segment returns a segment of a turn's response latency in seconds, or 0.
func (l line) segment(name string) float64 {
	seconds, _ := l.Extra["voice.turn.segment."+name].(float64)
	return seconds
}
