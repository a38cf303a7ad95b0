/** The official runtime has no types. */
declare module 'scratch-vm' {
  const VirtualMachine: any;
  export default VirtualMachine;
}
