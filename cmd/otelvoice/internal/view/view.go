// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package view runs the viewer: it receives telemetry, or reads it from files, keeps it in a store, and serves
// pages that show the calls.
package view

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/api"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/index"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/receive"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/recordings"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/store"
)

// ErrExposed is returned for an address that other machines reach without a token.
var ErrExposed = errors.New("can be reached from other machines: that needs -token")

// Config is how the viewer runs.
type Config struct {
	// Address is where the pages are. OTLPHTTP and OTLPGRPC are where telemetry is received; "" is nowhere.
	Address, OTLPHTTP, OTLPGRPC string
	// Token is what everybody who is not on this machine must know. It is needed if an address is not on loopback.
	Token string
	// Database is the file of the store, or "" for memory.
	Database string
	Limits   store.Limits
	// Slow is from which response latency a turn is slow.
	Slow time.Duration
	// Recordings is a directory or a URL: see [recordings.Open]; "" is none.
	Recordings string
	Version    string
	// Read reads what was recorded before, if it is not nil. If it fails and has added nothing, Run ends with its
	// error. Otherwise the error is logged and what was added is shown.
	Read func(ctx context.Context, add func(context.Context, *signal.Batch) error) error
	// Listed is called when the calls that Read added are listed, if it is not nil.
	Listed func()
	// Pages serves what is not below /api/. Page returns a page that shows a document without a server.
	Pages http.Handler
	Page  func(document []byte) []byte
	// Ready is called with the addresses when the viewer listens.
	Ready func(Addresses)
}

// Addresses are those at which the viewer listens. Those of OTLP may be empty.
type Addresses struct{ Pages, OTLPHTTP, OTLPGRPC string }

// Run runs the viewer until ctx is done. Warnings are written to log.
func Run(ctx context.Context, cfg *Config, log io.Writer) (err error) {
	var recorded *recordings.Source
	if cfg.Recordings != "" {
		if recorded, err = recordings.Open(cfg.Recordings); err != nil {
			return err
		}
		defer recorded.Close()
	}
	listeners, err := listen(ctx, cfg)
	if err != nil {
		return err
	}
	defer listeners.close()
	kept, err := store.Open(ctx, cfg.Database, cfg.Limits)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, kept.Close()) }()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var all sync.WaitGroup
	defer all.Wait()
	run := func(part func() error) {
		all.Go(func() {
			if err := part(); err != nil {
				stop(err)
			}
		})
	}
	all.Go(func() { sayFailures(ctx, kept, log) })
	lists := index.New(kept, cfg.Slow)
	run(func() error { return lists.Run(ctx) })
	receiver := receive.New(kept.Offer, cfg.Token)
	if listeners.http != nil || listeners.grpc != nil {
		run(func() error { return receiver.Serve(ctx, listeners.http, listeners.grpc) })
	}
	server := &api.Server{
		Store: kept, Index: lists, Counts: receiver.Counts, Listening: listeners.receiving(), Since: time.Now().UTC(),
		Version: cfg.Version, Recordings: recorded, Page: cfg.Page,
	}
	mux := http.NewServeMux()
	mux.Handle("/api/", server.Handler())
	if cfg.Pages != nil {
		mux.Handle("/", cfg.Pages)
	}
	pages := &http.Server{
		Handler: guard(mux, cfg.Token, listeners.pages.Addr()), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		BaseContext: func(net.Listener) context.Context { return ctx }, // Ends the streams of events.
	}
	run(func() error {
		if err := pages.Serve(listeners.pages); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve the pages: %w", err)
		}
		return nil
	})
	all.Go(func() {
		<-ctx.Done()
		late, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		if pages.Shutdown(late) != nil {
			_ = pages.Close()
		}
	})
	if cfg.Ready != nil {
		cfg.Ready(listeners.addresses())
	}
	if cfg.Read != nil {
		run(func() error {
			added := false
			err := cfg.Read(ctx, func(ctx context.Context, batch *signal.Batch) error {
				added = true
				return kept.Add(ctx, batch)
			})
			if !added {
				return err
			}
			if ctx.Err() == nil {
				err = errors.Join(err, sayLost(ctx, kept, log))
			}
			if err != nil && ctx.Err() == nil {
				_, _ = fmt.Fprintln(log, err) // What was read is shown.
			}
			if cfg.Listed != nil && lists.Settle(ctx) == nil {
				cfg.Listed()
			}
			return nil
		})
	}
	<-ctx.Done()
	all.Wait()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// failureRest is the least time between two lines about failures of the database.
const failureRest = time.Minute

// sayFailures writes that the database failed, until ctx is done.
func sayFailures(ctx context.Context, kept *store.Store, log io.Writer) {
	for {
		select {
		case err := <-kept.Failed():
			_, _ = fmt.Fprintf(log, "%v; what came is lost, and the page Health counts it\n", err)
		case <-ctx.Done():
			return
		}
		select {
		case <-time.After(failureRest):
		case <-ctx.Done():
			return
		}
	}
}

// sayLost writes what of files is not shown, and why.
func sayLost(ctx context.Context, kept *store.Store, log io.Writer) error {
	if err := kept.Flush(ctx); err != nil {
		return err
	}
	stored, err := kept.Stored(ctx)
	for _, why := range slices.Sorted(maps.Keys(stored.Lost)) {
		_, _ = fmt.Fprintf(log, "%d not shown: %s\n", stored.Lost[why], why)
	}
	return err
}

// listeners are what the viewer listens at.
type listeners struct{ pages, http, grpc net.Listener }

func listen(ctx context.Context, cfg *Config) (all *listeners, err error) {
	all = new(listeners)
	defer func() {
		if err != nil {
			all.close()
		}
	}()
	for _, l := range []struct {
		name, address, flag string
		to                  *net.Listener
	}{
		{"the pages", cfg.Address, "-port", &all.pages},
		{"OTLP over HTTP", cfg.OTLPHTTP, "-otlp-http", &all.http},
		{"OTLP over gRPC", cfg.OTLPGRPC, "-otlp-grpc", &all.grpc},
	} {
		if l.address == "" {
			continue
		}
		if cfg.Token == "" && !isLoopback(l.address) {
			return all, fmt.Errorf("%s at %s %w", l.name, l.address, ErrExposed)
		}
		*l.to, err = new(net.ListenConfig).Listen(ctx, "tcp", l.address)
		if errors.Is(err, syscall.EADDRINUSE) {
			return all, fmt.Errorf("%s: the port of %s is in use. Does another viewer or a collector run? Choose another port with %s", l.name, l.address, l.flag)
		}
		if err != nil {
			return all, fmt.Errorf("listen for %s: %w", l.name, err)
		}
	}
	return all, nil
}

func isLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (l *listeners) close() {
	for _, listener := range []net.Listener{l.pages, l.http, l.grpc} {
		if listener != nil {
			_ = listener.Close()
		}
	}
}

func (l *listeners) addresses() (a Addresses) {
	a.Pages = l.pages.Addr().String()
	if l.http != nil {
		a.OTLPHTTP = l.http.Addr().String()
	}
	if l.grpc != nil {
		a.OTLPGRPC = l.grpc.Addr().String()
	}
	return a
}

func (l *listeners) receiving() (all []string) {
	a := l.addresses()
	if a.OTLPHTTP != "" {
		all = append(all, "http://"+a.OTLPHTTP)
	}
	if a.OTLPGRPC != "" {
		all = append(all, "grpc://"+a.OTLPGRPC)
	}
	return all
}
