// Package flags reads command lines the way pflag does, as far as the stand-ins need it: --name=value, --name value,
// bare booleans, flags after operands, and the logging flags that every klog program has.
package flags

import (
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

// Set is a flag set with the logging flags already in it.
type Set struct {
	*flag.FlagSet
	Verbosity   int
	ShowVersion bool
}

// New returns a set for the named program. Dashed selects klog's dashed spelling (--log-dir) over --log_dir.
func New(program string, dashed bool) *Set {
	s := &Set{FlagSet: flag.NewFlagSet(program, flag.ContinueOnError)}
	s.SetOutput(io.Discard)
	s.IntVar(&s.Verbosity, "v", 0, "number for the log level verbosity")
	s.BoolVar(&s.ShowVersion, "version", false, "print the version and exit")
	s.Ignore("log-flush-frequency", "logtostderr!", "alsologtostderr!", "stderrthreshold", "vmodule")
	for _, name := range []string{
		"add_dir_header!", "log_backtrace_at", "log_dir", "log_file", "log_file_max_size",
		"one_output!", "skip_headers!", "skip_log_headers!",
	} {
		if dashed {
			name = strings.ReplaceAll(name, "_", "-")
		}
		s.Ignore(name)
	}
	return s
}

// Ignore accepts flags that have no effect here; a name ending in "!" is a boolean.
func (s *Set) Ignore(names ...string) {
	for _, name := range names {
		bare := strings.TrimSuffix(name, "!")
		if bare != name {
			s.Bool(bare, false, "accepted, without effect in the stand-in")
		} else {
			s.String(bare, "", "accepted, without effect in the stand-in")
		}
	}
}

// List adds a flag that may be repeated and holds comma separated values.
func (s *Set) List(target *[]string, name, usage string) {
	s.Func(name, usage, func(value string) error {
		for _, item := range strings.Split(value, ",") {
			if item = strings.TrimSpace(item); item != "" {
				*target = append(*target, item)
			}
		}
		return nil
	})
}

// MustParse reads the arguments. It prints usage and exits 0 on --help, and exits with misuse, after a message, on
// an unknown flag or a value of the wrong kind.
func (s *Set) MustParse(args []string, misuse int) {
	for len(args) > 0 {
		switch err := s.Parse(args); {
		case err == flag.ErrHelp:
			s.usage(os.Stdout)
			os.Exit(0)
		case err != nil:
			fmt.Fprintf(os.Stderr, "Error: %v\n", err)
			s.usage(os.Stderr)
			os.Exit(misuse)
		}
		if args = s.Args(); len(args) > 0 {
			args = args[1:]
		}
	}
}

func (s *Set) usage(w io.Writer) {
	fmt.Fprintf(w, "Usage:\n  %s [flags]\n\nFlags:\n", s.Name())
	s.VisitAll(func(f *flag.Flag) {
		fmt.Fprintf(w, "      --%s\t%s (default %q)\n", f.Name, f.Usage, f.DefValue)
	})
}
