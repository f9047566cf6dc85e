package dev.millrace.serve.oip;

import java.util.List;

/**
 * Which tensors a caller wants, and in which form.
 *
 * @param named in the order in which they are wanted; empty means all
 * @param binary the form where no output is named
 */
public record RequestedOutputs(List<Named> named, boolean binary) {
    /** All outputs as JSON: what a caller gets that asks for nothing. */
    public static final RequestedOutputs ALL_JSON = new RequestedOutputs(List.of(), false);

    /** All outputs as binary data: what Triton answers to its raw form. */
    public static final RequestedOutputs ALL_BINARY = new RequestedOutputs(List.of(), true);

    /** One output that a caller has named. */
    public record Named(Output output, boolean binary) {}

    public RequestedOutputs {
        named = List.copyOf(named);
    }

    /**
     * To be called before anything is computed.
     *
     * @throws BadRequestException where an output is named that the model does not have
     */
    public void requireOf(String model, boolean classifier) throws BadRequestException {
        List<Output> has = Output.of(classifier);
        for (Named one : named) {
            if (!has.contains(one.output)) {
                throw new BadRequestException(
                        "outputs names '"
                                + one.output.wireName()
                                + "', which model '"
                                + model
                                + "' does not have; it has: "
                                + Output.names(has));
            }
        }
    }

    /** What an answer holds, in order. */
    List<Named> of(boolean classifier) {
        return named.isEmpty()
                ? Output.of(classifier).stream().map(output -> new Named(output, binary)).toList()
                : named;
    }
}
