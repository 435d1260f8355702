// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Command generate makes the telemetry of many calls at once, at the pace of conversations, and
// sends it to the collectors that the standard variables name. It is for a test of one's own
// collectors and backends before calls depend on them:
//
//	OTEL_EXPORTER_OTLP_ENDPOINT=http://agent:4318 go run ./load/generate -calls 1000 -duration 5m
//
// A call that ends is followed by a new one, so that the number of calls in progress stays the
// same. No provider is called and no sound is played: the stages wait for the time that a provider
// needs. A progress line goes to standard error every ten seconds, and a summary in JSON to
// standard output at the end. An interrupt ends the calls early, and a second one does not wait for
// the collector.
//
// The exit status is 1 if telemetry was lost or not delivered, and 2 if a flag is wrong.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // A second interrupt ends the process while a collector is awaited.
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// parse reads the flags.
func parse(args []string, stderr io.Writer) (load, error) {
	flags := flag.NewFlagSet("generate", flag.ContinueOnError)
	flags.SetOutput(stderr)
	l := load{}
	flags.IntVar(&l.calls, "calls", 100, "how many calls are in progress at a time")
	flags.DurationVar(&l.duration, "duration", time.Minute, "for how long calls start; turns in progress then are finished")
	flags.IntVar(&l.turns, "turns", 22, "how many turns a call has, on average")
	flags.DurationVar(&l.turn, "turn", 8*time.Second, "how long a turn takes, with both voices")
	flags.Float64Var(&l.failed, "failed", .01, "the share of turns whose model fails once")
	flags.Float64Var(&l.interrupted, "interrupted", .05, "the share of turns in which the user interrupts")
	flags.Float64Var(&l.slow, "slow", .02, "the share of turns that wait two seconds longer")
	if err := flags.Parse(args); err != nil {
		return load{}, err
	}
	if flags.NArg() > 0 {
		return load{}, fmt.Errorf("unknown argument %q", flags.Arg(0))
	}
	return l, l.valid()
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) (code int) {
	l, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		_, _ = fmt.Fprintln(stderr, "generate:", err)
		return 2
	}
	made := &counted{}
	// A call's lines leave by OTLP alone. The time is for queues that are full at the end.
	tel, err := voicesdk.Setup(context.WithoutCancel(ctx), voicesdk.WithServiceName("generate"), voicesdk.WithoutConsole(),
		voicesdk.WithSpanProcessor(made), voicesdk.WithShutdownTimeout(time.Minute))
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "generate:", err)
		return 2
	}
	if len(tel.Health().Sending) == 0 {
		_, _ = fmt.Fprintln(stderr, "generate: nothing is sent: set OTEL_EXPORTER_OTLP_ENDPOINT to the address of a collector, such as http://localhost:4318")
		return errorCode(2, tel.Shutdown(context.WithoutCancel(ctx)), stderr)
	}
	w := &watch{tel: tel, made: made, to: stderr, start: time.Now()}
	stopped := w.report(ctx)
	l.run(ctx, tel.Telemetry, w)
	took := time.Since(w.start) // Without the time that the queues take to empty.
	stopped()

	shutdown := tel.Shutdown(context.WithoutCancel(ctx))
	sum := w.summary(took)
	out := json.NewEncoder(stdout)
	out.SetIndent("", "  ")
	if err := out.Encode(sum); err != nil {
		return errorCode(1, err, stderr)
	}
	switch {
	case sum.lost():
		code = 1
	case sum.Calls == 0 && ctx.Err() == nil:
		return errorCode(1, errors.Join(errors.New("no call was made: -duration is shorter than the start of the first call"), shutdown), stderr)
	}
	return errorCode(code, shutdown, stderr)
}

// errorCode writes an error and returns 1 if there is one and no other code.
func errorCode(code int, err error, stderr io.Writer) int {
	if err == nil {
		return code
	}
	_, _ = fmt.Fprintln(stderr, "generate:", err)
	return max(code, 1)
}
