// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool_test

import (
	"context"
	"fmt"
	"os"

	"github.com/voice-agents/telemetry/exporters/spool"
)

func Example() {
	dir, err := os.MkdirTemp("", "spool")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)

	segments, err := spool.Segments(dir)
	fmt.Println("files:", len(segments), err)
	letters, err := spool.DeadLetters(dir)
	fmt.Println("dead letters:", len(letters), err)
	// Output:
	// files: 0 <nil>
	// dead letters: 0 <nil>
}

// After the collector's limits were raised, refused requests are sent again.
func ExampleResendDeadLetters() {
	dir, err := os.MkdirTemp("", "spool")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)

	done, err := spool.ResendDeadLetters(context.Background(), dir, func(s spool.Signal) (spool.Endpoint, error) {
		return spool.Endpoint{URL: "http://localhost:4318/v1/" + string(s), Gzip: true}, nil
	})
	fmt.Println(done.Letters, "sent,", done.Refused, "refused,", err)
	// Output: 0 sent, 0 refused, <nil>
}
