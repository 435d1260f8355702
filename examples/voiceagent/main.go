// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Command voiceagent is a voice agent and those who call it, in one program: the
// quickest way to see what telemetry of calls looks like.
//
//	go run ./examples/voiceagent
//
// The callers play recorded speech to the agent over HTTP; the agent transcribes
// it, asks a model, which looks something up, and speaks the answer. Its
// providers are servers on a loopback port that speak OpenAI's wire format. One
// caller interrupts the agent, and one synthesis fails and is asked for again.
//
// With OPENAI_API_KEY and OPENAI_BASE_URL set, the agent asks the real provider;
// OPENAI_TRANSCRIPTION_MODEL, OPENAI_CHAT_MODEL and OPENAI_SPEECH_MODEL choose
// among its models.
//
// On stdout is the log, one JSON object a line. On stderr, at the end, is the
// timeline of each call. The exit code is 0 if every call ended well, 1 if not,
// and 2 if the program was started in a way that makes no sense.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

// Exit codes.
const (
	exitOK    = 0
	exitFail  = 1
	exitUsage = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.LookupEnv, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string, env func(string) (string, bool), stdout, stderr io.Writer) int {
	cfg, err := parse(args, env, stderr)
	switch {
	case errors.Is(err, errHelp):
		return exitOK
	case err != nil:
		fmt.Fprintf(stderr, "voiceagent: %v\n", err)
		return exitUsage
	}

	// An agent of yours needs the service's name and no more. The recorder is
	// for the timeline that this program draws at the end.
	recorder := voicetest.NewRecorder()
	tel, err := voicesdk.Setup(ctx, append(recorder.Options(),
		voicesdk.WithServiceName("voiceagent"),
		voicesdk.WithLogWriter(stdout),
		voicesdk.WithLookupEnv(env))...)
	if err != nil {
		fmt.Fprintf(stderr, "voiceagent: %v\n", err)
		return exitUsage
	}
	results, err := simulate(ctx, tel.Telemetry, cfg)
	// After Ctrl-C ctx is cancelled; what was recorded is sent all the same.
	err = errors.Join(err, tel.Shutdown(ctx))

	report(stderr, cfg, recorder.Timeline(), results)
	if err != nil {
		fmt.Fprintf(stderr, "voiceagent: %v\n", err)
	}
	if err != nil || !allWell(results) {
		return exitFail
	}
	return exitOK
}
