package dev.millrace.net;

import java.io.IOException;

/** A name was not looked up, or not to the end, for a reason that says nothing about its host. */
public final class LookupRefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    LookupRefusedException(String why) {
        super(why);
    }
}
