// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	collogs "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	"google.golang.org/protobuf/proto"
)

// collect, as the only argument, makes this program the collector of another instance.
const collect = "collect"

// remote is a collector in another process, whose work is not measured here.
type remote struct {
	url    string
	cmd    *exec.Cmd
	stdin  io.Closer
	client http.Client
}

// startRemote starts another instance of this program.
func startRemote() (*remote, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(context.Background(), self, collect) //nolint:gosec // It is this program.
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	url, err := bufio.NewReader(stdout).ReadString('\n')
	r := &remote{url: strings.TrimSpace(url), cmd: cmd, stdin: stdin, client: http.Client{Transport: &http.Transport{}}}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read the collector's URL: %w", err), r.stop())
	}
	return r, nil
}

// stop ends the process, which runs until its standard input ends.
func (r *remote) stop() error {
	r.client.CloseIdleConnections()
	return errors.Join(r.stdin.Close(), r.cmd.Wait())
}

// count returns the number of records received at a path.
func (r *remote) count(path string) (int, error) {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, r.url+path, http.NoBody)
	if err != nil {
		return 0, err
	}
	res, err := r.client.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(string(b))
}

// serveCollector is the other process: it prints its URL, and counts the records received at each
// path until its input ends.
func serveCollector(in io.Reader, out io.Writer) error {
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	var mu sync.Mutex
	counts := make(map[string]int)
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := 0
		if r.Method == http.MethodPost {
			var err error
			if n, err = countRecords(r); err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			w.Header().Set("Content-Type", "application/x-protobuf")
		}
		mu.Lock()
		counts[r.URL.Path] += n
		n = counts[r.URL.Path]
		mu.Unlock()
		if r.Method == http.MethodGet {
			_, _ = io.WriteString(w, strconv.Itoa(n))
		}
	})}
	if _, err := fmt.Fprintln(out, "http://"+l.Addr().String()); err != nil {
		return err
	}
	go func() { _ = server.Serve(l) }()
	_, err = io.Copy(io.Discard, in)
	return errors.Join(err, server.Close())
}

// countRecords decodes a request and counts its records.
func countRecords(r *http.Request) (n int, err error) {
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		if body, err = gzip.NewReader(body); err != nil {
			return 0, err
		}
	}
	b, err := io.ReadAll(body)
	if err != nil {
		return 0, err
	}
	var request collogs.ExportLogsServiceRequest
	if err := proto.Unmarshal(b, &request); err != nil {
		return 0, err
	}
	for _, resource := range request.GetResourceLogs() {
		for _, scope := range resource.GetScopeLogs() {
			n += len(scope.GetLogRecords())
		}
	}
	return n, nil
}
