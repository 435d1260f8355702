// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Command receiver accepts OTLP over HTTP and writes the fields that ledgers have, in the format of the
// Collector's file exporter. It answers after writing.
package main

import (
	"compress/gzip"
	"context"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	collogs "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	colmetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	"google.golang.org/protobuf/proto"
)

func main() {
	address := flag.String("listen", "", "an address of TCP, or the path of a Unix socket")
	dir := flag.String("received", "", "the directory of what was received")
	flag.Parse()
	if err := serve(*address, *dir); err != nil {
		fmt.Fprintln(os.Stderr, "receiver:", err)
		os.Exit(1)
	}
}

func serve(address, dir string) error {
	network := "tcp"
	if strings.HasPrefix(address, "/") {
		network = "unix"
	}
	listener, err := new(net.ListenConfig).Listen(context.Background(), network, address)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	for name, decode := range map[string]func([]byte) (any, error){"traces": spans, "metrics": points, "logs": records} {
		file, err := os.OpenFile(filepath.Join(dir, name+".json"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		mux.HandleFunc("POST /v1/"+name, func(w http.ResponseWriter, r *http.Request) { take(w, r, file, decode) })
	}
	mux.HandleFunc("GET /", func(http.ResponseWriter, *http.Request) {}) // Reports that the receiver is ready.
	return (&http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}).Serve(listener)
}

func take(w http.ResponseWriter, r *http.Request, file *os.File, decode func([]byte) (any, error)) {
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		unpacked, err := gzip.NewReader(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		body = unpacked
	}
	b, err := io.ReadAll(body)
	if err != nil {
		return // The client has disconnected.
	}
	request, err := decode(b)
	if err == nil {
		b, err = json.Marshal(request)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if _, err := file.Write(append(b, '\n')); err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	}
}

type object = map[string]any

func spans(b []byte) (any, error) {
	m := &coltrace.ExportTraceServiceRequest{}
	if err := proto.Unmarshal(b, m); err != nil {
		return nil, err
	}
	all := []object{}
	for _, rs := range m.GetResourceSpans() {
		for _, ss := range rs.GetScopeSpans() {
			for _, s := range ss.GetSpans() {
				all = append(all, object{"spanId": hex.EncodeToString(s.GetSpanId())})
			}
		}
	}
	return object{"resourceSpans": []object{{"scopeSpans": []object{{"spans": all}}}}}, nil
}

func records(b []byte) (any, error) {
	m := &collogs.ExportLogsServiceRequest{}
	if err := proto.Unmarshal(b, m); err != nil {
		return nil, err
	}
	all := []object{}
	for _, rl := range m.GetResourceLogs() {
		for _, sl := range rl.GetScopeLogs() {
			for _, l := range sl.GetLogRecords() {
				all = append(all, object{"attributes": attributes(l.GetAttributes())})
			}
		}
	}
	return object{"resourceLogs": []object{{"scopeLogs": []object{{"logRecords": all}}}}}, nil
}

func points(b []byte) (any, error) {
	m := &colmetrics.ExportMetricsServiceRequest{}
	if err := proto.Unmarshal(b, m); err != nil {
		return nil, err
	}
	all := []object{}
	for _, rm := range m.GetResourceMetrics() {
		for _, sm := range rm.GetScopeMetrics() {
			for _, metric := range sm.GetMetrics() {
				gauge := []object{}
				for _, p := range metric.GetGauge().GetDataPoints() {
					gauge = append(gauge, object{"asInt": strconv.FormatInt(p.GetAsInt(), 10)})
				}
				all = append(all, object{
					"resource":     object{"attributes": attributes(rm.GetResource().GetAttributes())},
					"scopeMetrics": []object{{"metrics": []object{{"name": metric.GetName(), "gauge": object{"dataPoints": gauge}}}}},
				})
			}
		}
	}
	return object{"resourceMetrics": all}, nil
}

func attributes(kvs []*commonpb.KeyValue) []object {
	all := []object{}
	for _, kv := range kvs {
		value := object{}
		switch v := kv.GetValue().GetValue().(type) {
		case *commonpb.AnyValue_StringValue:
			value["stringValue"] = v.StringValue
		case *commonpb.AnyValue_IntValue:
			value["intValue"] = strconv.FormatInt(v.IntValue, 10)
		}
		all = append(all, object{"key": kv.GetKey(), "value": value})
	}
	return all
}
