; The kernel's data that text or slow paths reach by name: the processor's variables (dp points at
; them), the zones and the region they grow from, and the one kernel stack a uniprocessor starts with.

	.data
	.align	64
	.globl	cpu_data
cpu_data:
	.block	SIZEOF_CPU_DATA
	.align	32
	.globl	kalloc_zones
kalloc_zones:
	.block	SIZEOF_ZONE*KALLOC_ZONES
	.globl	zones
zones:
	.block	SIZEOF_ZONE*NAMED_ZONES
	.globl	heap
heap:
	.block	SIZEOF_HEAP_REGION
	.align	32
	.globl	interrupt_state
interrupt_state:			; kernel text that an external interrupt stopped
	.block	SIZEOF_SAVED_STATE
	.globl	fault_queue
fault_queue:				; a page fault's queues, front and back, and its PSW
	.block	SIZEOF_FAULT_QUEUE

	.bss
	.align	4096
	.globl	kernel_stack
kernel_stack:
	.block	KERNEL_STACK_SIZE
	.globl	interrupt_stack
interrupt_stack:
	.block	KERNEL_STACK_SIZE
