// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otlptest

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"

	collogs "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	colmetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"
)

// maxBody is the Collector's own default limit for one request.
const maxBody = 20 << 20

// protobuf is the one encoding that is taken.
const protobuf = "application/x-protobuf"

// serveHTTP takes OTLP at the standard paths, below any prefix.
func (r *Receiver) serveHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	status := r.status
	r.mu.Unlock()
	body, err := readBody(req)
	switch {
	case status != 0:
		http.Error(w, http.StatusText(status), status)
		return
	case req.Method != http.MethodPost:
		http.Error(w, "OTLP is posted", http.StatusMethodNotAllowed)
		return
	case req.Header.Get("Content-Type") != protobuf:
		http.Error(w, "want "+protobuf, http.StatusUnsupportedMediaType)
		return
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	came := Request{Path: req.URL.Path, Header: req.Header.Clone()}
	switch {
	case strings.HasSuffix(req.URL.Path, "/v1/traces"):
		msg := &coltrace.ExportTraceServiceRequest{}
		if decoded(w, body, msg) {
			r.keep(came, func() { r.traces = append(r.traces, msg) })
			answer(w, &coltrace.ExportTraceServiceResponse{})
		}
	case strings.HasSuffix(req.URL.Path, "/v1/metrics"):
		msg := &colmetrics.ExportMetricsServiceRequest{}
		if decoded(w, body, msg) {
			r.keep(came, func() { r.metrics = append(r.metrics, msg) })
			answer(w, &colmetrics.ExportMetricsServiceResponse{})
		}
	case strings.HasSuffix(req.URL.Path, "/v1/logs"):
		msg := &collogs.ExportLogsServiceRequest{}
		if decoded(w, body, msg) {
			r.keep(came, func() { r.logs = append(r.logs, msg) })
			answer(w, &collogs.ExportLogsServiceResponse{})
		}
	default:
		http.NotFound(w, req)
	}
}

func readBody(req *http.Request) ([]byte, error) {
	var body io.Reader = req.Body
	if req.Header.Get("Content-Encoding") == "gzip" {
		unzipped, err := gzip.NewReader(req.Body)
		if err != nil {
			return nil, fmt.Errorf("unzip: %w", err)
		}
		body = unzipped
	}
	data, err := io.ReadAll(io.LimitReader(body, maxBody+1))
	if err == nil && len(data) > maxBody {
		err = fmt.Errorf("the body is larger than %d bytes", maxBody)
	}
	return data, err
}

// decoded reads the message or answers 400.
func decoded(w http.ResponseWriter, body []byte, msg proto.Message) bool {
	if err := proto.Unmarshal(body, msg); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return false
	}
	return true
}

func answer(w http.ResponseWriter, msg proto.Message) {
	w.Header().Set("Content-Type", protobuf)
	body, err := proto.Marshal(msg)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	_, _ = w.Write(body) // The client's affair if it has gone.
}
