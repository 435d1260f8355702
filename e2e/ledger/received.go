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

// A Request is one that the collector took, in OTLP's JSON.
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

// A Span is one of a request.
type Span struct{ SpanID string }

// A Record is one of a request's log records.
type Record struct {
	SpanID     string
	Attributes Attributes
}

// A Metric is one of a request.
type Metric struct {
	Resource  Attributes `json:"-"`
	Name      string
	Gauge     struct{ DataPoints []Point }
	Sum       struct{ DataPoints []Point }
	Histogram struct{ DataPoints []Point }
}

// A Point is one of a metric, the first two fields according to its kind.
type Point struct {
	AsInt int64 `json:",string"`
	Count int64 `json:",string"`
}

// Attributes are a span's, a record's or a resource's.
type Attributes []struct {
	Key   string
	Value struct{ StringValue, IntValue string }
}

// Get returns the value of an attribute that is a text or a number.
func (a Attributes) Get(key string) string {
	for _, kv := range a {
		if kv.Key == key {
			return kv.Value.StringValue + kv.Value.IntValue
		}
	}
	return ""
}

// Spans returns those of a request.
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

// Metrics returns those of a request.
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

// Received reads the requests of each signal, in the order in which they came, from the
// directory that the collector has put them in. A last line that was cut off by a kill was
// not answered.
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
			// A line that was cut off has the next one behind it.
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
