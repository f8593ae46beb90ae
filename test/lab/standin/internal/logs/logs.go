// Package logs writes one line per event to stderr, with a severity letter and a verbosity, in the shape that
// Kubernetes components use.
package logs

import (
	"fmt"
	"os"
	"sync"
	"time"
)

var (
	mu        sync.Mutex
	verbosity int
)

// SetVerbosity makes V(n) lines appear for n up to level.
func SetVerbosity(level int) { verbosity = level }

// Infof writes an information line.
func Infof(format string, args ...any) { write("I", format, args...) }

// Errorf writes an error line.
func Errorf(format string, args ...any) { write("E", format, args...) }

// V writes an information line when the verbosity is at least level.
func V(level int, format string, args ...any) {
	if verbosity >= level {
		write("I", format, args...)
	}
}

// Fatalf writes the line and exits 255, the status of a klog Fatal.
func Fatalf(format string, args ...any) {
	write("F", format, args...)
	os.Exit(255)
}

func write(severity, format string, args ...any) {
	mu.Lock()
	defer mu.Unlock()
	stamp := time.Now().Format("0102 15:04:05.000000")
	fmt.Fprintf(os.Stderr, "%s%s %d] %s\n", severity, stamp, os.Getpid(), fmt.Sprintf(format, args...))
}
