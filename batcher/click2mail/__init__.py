"""The remote: what is sent to Click2Mail and what comes back. Everything but ``client`` and its sockets is pure."""
