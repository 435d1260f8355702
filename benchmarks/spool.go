// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	collogs "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	logs "go.opentelemetry.io/proto/otlp/logs/v1"
	"google.golang.org/protobuf/proto"

	"github.com/voice-agents/telemetry/benchmarks/paired"
	"github.com/voice-agents/telemetry/internal/spool"
)

// records is the number of records in a request.
const records = 512

// newLogRequest returns a request of OTLP with the line's fields in each record.
func newLogRequest() ([]byte, error) {
	text := func(s string) *common.AnyValue {
		return &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: s}}
	}
	var attrs []*common.KeyValue
	pairs := append(call.strings(), "provider", provider, "model", model, "language", language, "finish_reason", finish)
	for i := 0; i < len(pairs); i += 2 {
		attrs = append(attrs, &common.KeyValue{Key: pairs[i], Value: text(pairs[i+1])})
	}
	trace, id := []byte("0123456789abcdef"), []byte("01234567")
	list := make([]*logs.LogRecord, records)
	for i := range list {
		list[i] = &logs.LogRecord{
			TimeUnixNano: uint64(time.Now().UnixNano()), SeverityNumber: logs.SeverityNumber_SEVERITY_NUMBER_INFO, SeverityText: "INFO",
			Body: text(message + " " + strconv.Itoa(i)), Attributes: attrs, TraceId: trace, SpanId: id,
		}
	}
	return proto.Marshal(&collogs.ExportLogsServiceRequest{ResourceLogs: []*logs.ResourceLogs{{ScopeLogs: []*logs.ScopeLogs{{LogRecords: list}}}}})
}

// segment is the size at which the spool starts a new file.
const segment = 4 << 20

// spoolContenders returns the contenders that store requests, after the baseline, which writes them to
// files of the spool's size and removes each when it is full. Without a collector, the spool removes
// its oldest file above 64 MB.
func spoolContenders(dir, url string, payload []byte) []paired.Contender {
	spooled := func(name, url string, deliver bool) func() (paired.Work, error) {
		return func() (paired.Work, error) {
			cfg := spool.Config{MaxBytes: 64 << 20, MaxMemory: 64 << 20}
			if name != "" {
				cfg.Dir = filepath.Join(dir, name)
			}
			return spoolWork(cfg, url, payload, deliver)
		}
	}
	return []paired.Contender{
		{Name: "os.File, the bytes alone", Start: func() (paired.Work, error) { return fileWork(filepath.Join(dir, "bytes"), payload), nil }},
		{Name: "spool on disk, the collector away: what the caller waits", Start: spooled("away", "http://127.0.0.1:1/v1/logs", false)},
		{Name: "spool on disk, all of it delivered", Start: spooled("delivered", url, true)},
		{Name: "spool in memory, all of it delivered", Start: spooled("", url, true)},
		{Name: "net/http without a spool, all of it delivered", Start: func() (paired.Work, error) { return postWork(url, payload) }},
	}
}

func spoolTables(dir, url string, p paired.Plan) ([]paired.Table, error) {
	payload, err := newLogRequest()
	if err != nil {
		return nil, err
	}
	p.Size, p.Most = len(payload), 64<<20/len(payload)/2 // So that no request is dropped that must be delivered.
	return []paired.Table{{
		Title: fmt.Sprintf("A request of %d records, %d kB", records, len(payload)/1000), Contenders: spoolContenders(dir, url, payload), Plan: p,
	}}, nil
}

func fileWork(name string, payload []byte) paired.Work {
	var f *os.File
	written := 0
	var failed error
	return paired.Work{
		Run: func(n int) {
			for range n {
				if f == nil || written+len(payload) > segment {
					if f != nil {
						failed = errors.Join(failed, f.Close(), os.Remove(name))
					}
					var err error
					if f, err = os.Create(name); err != nil {
						failed = err
						return
					}
					written = 0
				}
				m, err := f.Write(payload)
				written += m
				failed = errors.Join(failed, err)
			}
		},
		Settle: func() error { return failed },
		Stop: func() {
			if f != nil {
				_ = f.Close()
			}
		},
	}
}

func spoolWork(cfg spool.Config, url string, payload []byte, deliver bool) (paired.Work, error) {
	s, err := spool.New(cfg)
	if err != nil {
		return paired.Work{}, err
	}
	put, err := s.Requests(spool.Logs, spool.Endpoint{URL: url})
	if err != nil {
		return paired.Work{}, err
	}
	var failed error
	sent := 0
	return paired.Work{
		Run: func(n int) {
			for range n {
				failed = errors.Join(failed, put(payload, records))
			}
			sent += n
			if deliver {
				ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
				defer cancel()
				failed = errors.Join(failed, s.ForceFlush(ctx))
			}
		},
		Settle: func() error {
			if got := s.Health()[0].Sent; deliver && int(got) != sent*records {
				return errors.Join(failed, fmt.Errorf("%d of %d records were delivered", got, sent*records))
			}
			return failed
		},
		Stop: func() {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			_ = s.Shutdown(ctx) // Requests that remain are ignored.
		},
	}, nil
}

// postWork sends requests one after the other, as the spool does, and makes the caller wait.
func postWork(url string, payload []byte) (paired.Work, error) {
	transport := &http.Transport{}
	client := &http.Client{Transport: transport, Timeout: time.Minute}
	var failed error
	post := func() error {
		r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, url, bytes.NewReader(payload))
		if err != nil {
			return err
		}
		r.Header.Set("Content-Type", "application/x-protobuf")
		res, err := client.Do(r)
		if err != nil {
			return err
		}
		defer res.Body.Close()
		if _, err := io.Copy(io.Discard, res.Body); err != nil || res.StatusCode != http.StatusOK {
			return errors.Join(err, errors.New(res.Status))
		}
		return nil
	}
	return paired.Work{
		Run: func(n int) {
			for range n {
				failed = errors.Join(failed, post())
			}
		},
		Settle: func() error { return failed },
		Stop:   transport.CloseIdleConnections,
	}, nil
}
