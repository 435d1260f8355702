// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Command concierge is a call in a LiveKit room, all of it traced: a backend that mints
// tokens, an agent that joins with one and a caller with another, who says two
// sentences and hears two answers. See README.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"time"

	"github.com/livekit/protocol/auth"
	protologger "github.com/livekit/protocol/logger"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/voice-agents/telemetry/otellivekit"
	"github.com/voice-agents/telemetry/otellivekit/examples/concierge/agent"
	"github.com/voice-agents/telemetry/otellivekit/examples/concierge/caller"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/testdata/speech"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "concierge:", err)
		os.Exit(1)
	}
}

// settings are the flags. The defaults are those of livekit-server --dev.
type settings struct {
	url, key, secret, room string
	timeout                time.Duration
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	var s settings
	flags := flag.NewFlagSet("concierge", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&s.url, "url", "ws://localhost:7880", "URL of the LiveKit server")
	flags.StringVar(&s.key, "key", "devkey", "API key")
	flags.StringVar(&s.secret, "secret", "secret", "API secret")
	flags.StringVar(&s.room, "room", "concierge", "name of the room")
	flags.DurationVar(&s.timeout, "timeout", time.Minute, "time limit of the call")
	if err := flags.Parse(args); err != nil {
		return err //nolint:wrapcheck // flag has printed the error.
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()

	tel, err := voicesdk.Setup(ctx, voicesdk.WithServiceName("concierge"), voicesdk.WithLogWriter(stdout))
	if err != nil {
		return err //nolint:wrapcheck // The error is complete.
	}
	defer func() { err = errors.Join(err, tel.Shutdown(context.WithoutCancel(ctx))) }()
	lksdk.SetLogger(otellivekit.NewLogger(tel.Telemetry)) // For the SDK's and pion's log lines.
	protologger.SetLogger(otellivekit.NewLogger(tel.Telemetry), "livekit")
	return call(ctx, tel.Telemetry, speech.Files(), s)
}

// call runs one call, from creating the tokens to hanging up.
func call(ctx context.Context, tel *otelvoice.Telemetry, files fs.FS, s settings) error {
	var theirs, ours string
	_, err := otelvoice.Timed(tel.Context(ctx), "mint tokens", func(ctx context.Context) (_ struct{}, err error) {
		if theirs, err = token(ctx, tel, s, "caller", auth.NewAccessToken(s.key, s.secret)); err != nil {
			return struct{}{}, err
		}
		ours, err = token(ctx, tel, s, "agent", auth.NewAccessToken(s.key, s.secret).SetKind(agentKind))
		return struct{}{}, err
	})
	if err != nil {
		return err //nolint:wrapcheck // The error is that of token.
	}

	turns := make(chan struct{}, 10)
	a, err := agent.Join(ctx, tel, files, s.url, ours, func(voicepipe.Result, error) { turns <- struct{}{} })
	if err != nil {
		return err //nolint:wrapcheck // The error names the agent.
	}
	defer a.Leave()
	c, err := caller.Join(files, s.url, theirs)
	if err != nil {
		return err //nolint:wrapcheck // As above.
	}
	defer c.HangUp()
	for _, file := range []string{"book_table.ogg", "name_morgan.ogg"} {
		heard := c.Heard()
		if err := c.Say(ctx, file); err != nil {
			return err //nolint:wrapcheck // As above.
		}
		if err := c.Hear(ctx, heard+100); err != nil { // Two seconds of the answer.
			return err //nolint:wrapcheck // As above.
		}
		select {
		case <-turns:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}
