// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"regexp"
)

// A Request is a request that the collector accepted, in OTLP's JSON.
type Request struct {
	ResourceSpans []struct {
		ScopeSpans []struct{ Spans []Span }
	}
	ResourceLogs []struct {
		ScopeLogs []struct{ LogRecords []Record }
	}
	ResourceMetrics []struct {
		Resource     struct{ Attributes Attributes }
		ScopeMetrics []struct{ Metrics []Metric }
	}
}

// A Span is a span of a request.
type Span struct{ SpanID string }

// A Record is a log record of a request.
type Record struct {
	SpanID     string
	Attributes Attributes
}

// A Metric is a metric of a request.
type Metric struct {
	Resource  Attributes `json:"-"`
	Name      string
	Gauge     struct{ DataPoints []Point }
	Sum       struct{ DataPoints []Point }
	Histogram struct{ DataPoints []Point }
}

// A Point is a point of a metric. The metric's kind determines which of the first two fields is set.
type Point struct {
	AsInt int64 `json:",string"`
	Count int64 `json:",string"`
}

// Attributes are the attributes of a span, a record or a resource.
type Attributes []struct {
	Key   string
	Value struct{ StringValue, IntValue string }
}

// Get returns the value of a string or integer attribute as a string.
func (a Attributes) Get(key string) string {
	for _, kv := range a {
		if kv.Key == key {
			return kv.Value.StringValue + kv.Value.IntValue
		}
	}
	return ""
}

// Spans returns the spans of a request.
func (r *Request) Spans() iter.Seq[Span] {
	return func(yield func(Span) bool) {
		for _, rs := range r.ResourceSpans {
			for _, ss := range rs.ScopeSpans {
				for _, s := range ss.Spans {
					if !yield(s) {
						return
					}
				}
			}
		}
	}
}

// Records returns the log records of a request.
func (r *Request) Records() iter.Seq[Record] {
	return func(yield func(Record) bool) {
		for _, rl := range r.ResourceLogs {
			for _, sl := range rl.ScopeLogs {
				for _, l := range sl.LogRecords {
					if !yield(l) {
						return
					}
				}
			}
		}
	}
}

// Metrics returns the metrics of a request.
func (r *Request) Metrics() iter.Seq[Metric] {
	return func(yield func(Metric) bool) {
		for _, rm := range r.ResourceMetrics {
			for _, sm := range rm.ScopeMetrics {
				for _, m := range sm.Metrics {
					m.Resource = rm.Resource.Attributes
					if !yield(m) {
						return
					}
				}
			}
		}
	}
}

var requestStart = regexp.MustCompile(`\{"resource(Spans|Logs|Metrics)":\[`)

// Received reads the requests of each signal, in the order of arrival, from the collector's directory.
// It ignores a last line that a kill cut off, because the collector did not answer that request.
func Received(dir string) iter.Seq2[*Request, error] {
	return func(yield func(*Request, error) bool) {
		for _, name := range []string{"traces.json", "metrics.json", "logs.json"} {
			for r, err := range receivedIn(filepath.Join(dir, name)) {
				if !yield(r, err) {
					return
				}
			}
		}
	}
}

func receivedIn(path string) iter.Seq2[*Request, error] {
	return func(yield func(*Request, error) bool) {
		file, err := os.Open(path)
		if errors.Is(err, fs.ErrNotExist) {
			return
		}
		if err != nil {
			yield(nil, err)
			return
		}
		defer file.Close()
		scanner := bufio.NewScanner(file)
		scanner.Buffer(nil, 64<<20)
		for scanner.Scan() {
			line := scanner.Bytes()
			// The next line follows a line that was cut off without a line end.
			for _, start := range requestStart.FindAllIndex(line, -1) {
				r := new(Request)
				if json.NewDecoder(bytes.NewReader(line[start[0]:])).Decode(r) == nil && !yield(r, nil) {
					return
				}
			}
		}
		if err := scanner.Err(); err != nil {
			yield(nil, fmt.Errorf("%s: %w", path, err))
		}
	}
}
