// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Correlation shows one correlation ID in two services: a front desk, which is this program,
// and a booking service, which is another process. Both write log lines; the front desk
// prints those of the booking service after its own.
//
//	go run ./examples/correlation
//	go run ./examples/correlation | jq -r '[.process_id, .module, .correlation_id, .session_id, .message] | @tsv'
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// callerID is the ID of the call at the telephone company. Any ID can be used; a UUID is also
// the trace ID.
const callerID = "550e8400-e29b-41d4-a716-446655440000"

func main() {
	booking := flag.Bool("booking", false, "run as the booking service until standard input ends")
	flag.Parse()
	run := frontDesk
	if *booking {
		run = bookingService
	}
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// frontDesk handles a call and sends a request to the booking service.
func frontDesk(ctx context.Context) (err error) {
	tel, err := voicesdk.Setup(ctx, voicesdk.WithServiceName("front-desk"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tel.Shutdown(ctx)) }()

	address, stop, err := startBookingService(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()

	ctx = otelvoice.ContextWithCorrelationID(ctx, callerID)
	ctx, session := tel.StartSession(ctx, otelvoice.WithSessionID("call-1"))
	defer session.End()

	// One line instruments the client. Trusted hosts get the session ID.
	client := &http.Client{
		Timeout:   5 * time.Second,
		Transport: voicehttp.Transport(tel.Telemetry, nil, voicehttp.WithTrustedHosts("127.0.0.1")),
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/tables?guests=2", http.NoBody)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	slog.InfoContext(ctx, "booking service answered", "answer", string(answer))
	return nil
}

// startBookingService starts this program as the booking service. It returns the address and a
// function that stops the service.
func startBookingService(ctx context.Context) (address string, stop func() error, err error) {
	self, err := os.Executable()
	if err != nil {
		return "", nil, err
	}
	cmd := exec.CommandContext(ctx, self, "-booking") //nolint:gosec // It runs this program.
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return "", nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	out := bufio.NewReader(stdout)
	first, err := out.ReadString('\n')
	if err != nil {
		return "", nil, errors.Join(err, cmd.Wait())
	}
	stop = func() error {
		ended := stdin.Close()
		_, copied := io.Copy(os.Stdout, out)
		return errors.Join(ended, copied, cmd.Wait())
	}
	return strings.TrimSpace(first), stop, nil
}

// bookingService serves on a free port and prints the address as its first line.
func bookingService(ctx context.Context) (err error) {
	tel, err := voicesdk.Setup(ctx, voicesdk.WithServiceName("booking"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tel.Shutdown(ctx)) }()

	mux := http.NewServeMux()
	mux.HandleFunc("GET /tables", func(w http.ResponseWriter, r *http.Request) {
		slog.InfoContext(r.Context(), "looking for a table", "guests", r.URL.Query().Get("guests"))
		_, _ = io.WriteString(w, "table 7")
	})
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	server := &http.Server{Handler: voicehttp.Middleware(tel.Telemetry)(mux), ReadHeaderTimeout: 5 * time.Second} // One line instruments the server.
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // Until the front desk closes it.
		_ = server.Shutdown(ctx)
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
