// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"math"
	"strconv"
	"time"

	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/voice-agents/telemetry/internal/memlimit"
	"github.com/voice-agents/telemetry/internal/settings"
	"github.com/voice-agents/telemetry/internal/spool"
)

// Queue is the configuration of a batch processor or a periodic reader. If Interval or
// ExportTimeout is zero, the SDK uses its own variable or its default.
type Queue struct {
	// Interval is the time between two batches, or between two collections of metrics.
	Interval time.Duration
	// ExportTimeout bounds one export.
	ExportTimeout time.Duration
	// Size is the maximum number of queued items; 0 is 65,536, or 16,384 for the SDK's
	// processor, or Batch if that is larger. A size other than 0 also sets the memory of
	// requests that wait for the collector: 1 KiB for each item, instead of a share of the machine's.
	Size int
	// Batch is the number of items in a request; 0 is 1,024. It is at most Size.
	Batch int
}

// maxQueue bounds the size of a queue. The SDK allocates it up front, about 600 bytes for each
// log record, so that a mistyped number could take all memory.
const maxQueue = 1 << 20

func readQueue(r *settings.Reader, prefix string) Queue {
	q := Queue{
		Interval:      readDuration(r, prefix+"SCHEDULE_DELAY"),
		ExportTimeout: readDuration(r, prefix+"EXPORT_TIMEOUT"),
		Size:          r.Int(prefix+"MAX_QUEUE_SIZE", 0, 1, maxQueue),
		Batch:         r.Int(prefix+"MAX_EXPORT_BATCH_SIZE", 0, 1, maxQueue),
	}
	size := q.Size
	if size == 0 {
		size = encodedQueue // For the SDK's processor, the queue is extended to the batch.
	}
	if q.Batch > size {
		r.Fail(prefix+"MAX_EXPORT_BATCH_SIZE", strconv.Itoa(q.Batch), "at most "+strconv.Itoa(size)+", the size of the queue ("+prefix+"MAX_QUEUE_SIZE)")
	}
	return q
}

// ReadSpool reads the directory and the bounds of the spool.
func ReadSpool(r *settings.Reader) (cfg spool.Config) {
	cfg.Dir, _ = r.String("OTELVOICE_SPOOL_DIR")
	cfg.MaxBytes = int64(r.Int("OTELVOICE_SPOOL_MAX_BYTES", 0, 1<<20, math.MaxInt))
	cfg.MaxAge = readDuration(r, "OTELVOICE_SPOOL_MAX_AGE")
	return cfg
}

// sdk returns the queue for the SDK's processor, with defaults. The default size holds a burst
// of 100,000 records a second: exporting a batch takes 1 to 2 ms, during which the SDK's default
// of 2,048 would lose three quarters of such a burst.
func (q Queue) sdk() Queue {
	if q.Size == 0 {
		q.Size = max(sdkQueue, q.Batch)
	}
	return q.clamped()
}

// encoded returns the queue for items that are queued as encoded bytes, with defaults. An item
// takes no more memory than its bytes, so the default size is larger.
func (q Queue) encoded() Queue {
	if q.Size == 0 {
		q.Size = max(encodedQueue, q.Batch)
	}
	return q.clamped()
}

// clamped returns the queue with a batch of at most its size: a larger batch would never fill,
// and items that find the queue full are lost.
func (q Queue) clamped() Queue {
	if q.Batch == 0 {
		q.Batch = defaultBatch
	}
	q.Batch = min(q.Batch, q.Size)
	return q
}

const (
	sdkQueue     = 16384
	encodedQueue = 64 << 10
	defaultBatch = 1024
)

// queueBytes bounds the bytes of the items that wait for a request, which are not compressed yet:
// a sixteenth of the memory that the process may use, at least 8 and at most 64 MiB.
func queueBytes() int { return int(min(max(memlimit.Bytes()/16, 8<<20), 64<<20)) }

// readDuration reads a duration other than 0. An interval of 0 would keep a core busy, and a
// timeout of 0 means none to some parts of the SDK and the default to others.
func readDuration(r *settings.Reader, name string) time.Duration {
	d := r.Milliseconds(name, -1)
	if d == 0 {
		value, _ := r.String(name)
		r.Fail(name, value, "a whole number of milliseconds, at least 1")
	}
	return max(d, 0)
}

func (q Queue) logOptions() (opts []sdklog.BatchProcessorOption) {
	if q.Interval > 0 {
		opts = append(opts, sdklog.WithExportInterval(q.Interval))
	}
	if q.ExportTimeout > 0 {
		opts = append(opts, sdklog.WithExportTimeout(q.ExportTimeout))
	}
	if q.Size > 0 {
		opts = append(opts, sdklog.WithMaxQueueSize(q.Size))
	}
	if q.Batch > 0 {
		opts = append(opts, sdklog.WithExportMaxBatchSize(q.Batch))
	}
	return opts
}

func (q Queue) readerOptions() (opts []sdkmetric.PeriodicReaderOption) {
	if q.Interval > 0 {
		opts = append(opts, sdkmetric.WithInterval(q.Interval))
	}
	if q.ExportTimeout > 0 {
		opts = append(opts, sdkmetric.WithTimeout(q.ExportTimeout))
	}
	return opts
}
