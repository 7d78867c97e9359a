"""image_glance.py FORMAT=IMAGE...: what Glance says of an image before it takes it."""
import sys

try:
    from glance.common import format_inspector
except ImportError:
    print("SKIP: needs the Debian package python3-glance")
    sys.exit(77)


def main(arguments):
    for argument in arguments:
        expected, _, path = argument.partition("=")
        inspector = format_inspector.detect_file_format(path)
        if str(inspector) != expected:
            sys.exit(f"FAIL: Glance takes '{path}' for {inspector}, not {expected}")
        if not inspector.safety_check():
            sys.exit(f"FAIL: Glance finds '{path}' unsafe")


main(sys.argv[1:])
