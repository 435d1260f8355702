// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Command voiceagent is a voice agent and its callers in one program. It is the quickest way to
// see the telemetry of calls.
//
//	go run ./examples/voiceagent
//
// The callers send recorded speech to the agent over HTTP. The agent transcribes it, asks a
// model, which calls a tool, and speaks the answer. The providers are servers on a loopback
// port with OpenAI's wire format. One caller interrupts the agent, and one synthesis fails
// and is retried.
//
// With OPENAI_API_KEY and OPENAI_BASE_URL set, the agent uses that provider;
// OPENAI_TRANSCRIPTION_MODEL, OPENAI_CHAT_MODEL and OPENAI_SPEECH_MODEL select its models.
//
// With -record DIR each call is recorded to a WAV file, the caller on the left and the agent on the
// right, and otelvoice verify compares the latencies with the sound.
//
// With -view the calls are shown in the browser while they go on, until Ctrl-C. This builds otelvoice view with the go
// command and runs it; the address is printed. -record and -view together also play the recordings.
//
// The log is written to stdout, one JSON object a line. At the end, the timeline of each call
// is written to stderr. The exit code is 0 if all calls ended well, 1 if not, and 2 for
// invalid flags or settings.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/voice-agents/telemetry/examples/voiceagent/viewer"
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
	// A terminal that is closed hangs up. The viewer must not outlive the agent then.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	code := run(ctx, os.Args[1:], os.LookupEnv, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string, env func(string) (string, bool), stdout, stderr io.Writer) (code int) {
	cfg, err := parse(args, env, stderr)
	switch {
	case errors.Is(err, errHelp):
		return exitOK
	case err != nil:
		fmt.Fprintf(stderr, "voiceagent: %v\n", err)
		return exitUsage
	}

	if err := makeWritable(cfg.recordings); err != nil {
		fmt.Fprintf(stderr, "voiceagent: -record: %v\n", err)
		return exitUsage
	}

	var pages *viewer.Viewer
	if cfg.view {
		fmt.Fprintln(stderr, "Building the viewer; the first time takes a minute or two.")
		if pages, err = viewer.Start(ctx, cfg.recordings, stderr); err != nil {
			fmt.Fprintf(stderr, "voiceagent: -view: %v\n", err)
			return exitFail
		}
		defer func() {
			if err := pages.Stop(); err != nil {
				fmt.Fprintf(stderr, "voiceagent: -view: %v\n", err)
				code = exitFail
			}
		}()
		env = pages.Env(env)
		fmt.Fprintf(stderr, "The calls are at %s\n", pages.Pages)
	}

	// An agent needs only the service name. The recorder is for the timeline that this program
	// prints at the end.
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
	// Ctrl-C cancels ctx. Recorded telemetry is still exported.
	err = errors.Join(err, tel.Shutdown(ctx))

	report(stderr, cfg, recorder.Timeline(), results)
	if err != nil {
		fmt.Fprintf(stderr, "voiceagent: %v\n", err)
	}
	if pages != nil && ctx.Err() == nil {
		fmt.Fprintf(stderr, "\nThe calls are at %s until Ctrl-C.\n", pages.Pages)
		if err := pages.Wait(ctx); err != nil {
			fmt.Fprintf(stderr, "voiceagent: -view: %v\n", err)
		}
	}
	if err != nil || !allWell(results) {
		return exitFail
	}
	return exitOK
}

// makeWritable makes a directory and checks that files can be made in it. An empty name is none.
func makeWritable(dir string) error {
	if dir == "" {
		return nil
	}
	const onlyOwner = 0o700 // Recordings are of people.
	if err := os.MkdirAll(dir, onlyOwner); err != nil {
		return err
	}
	probe, err := os.CreateTemp(dir, ".writable-*")
	if err != nil {
		return err
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}
